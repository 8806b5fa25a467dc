// The environment of supervised processes: what they need and what is meant for them, nothing else. Upstream passes on
// its whole environment: pkg/supervisor/supervisor.go (getEnv); docs/adr/0046.

import { delimiter } from "node:path";
import { proxyVariables, withNoProxy } from "./no-proxy.ts";

export interface EnvironmentInput {
  /** The component's name, whose upper-case form is the prefix of its own variables, with its hyphens or `_` for them. */
  readonly name: string;
  /** Its program looks for that prefix itself, so variables keep it, those of proxies and of Go's runtime excepted. */
  readonly keepsPrefix?: boolean;
  /** Put in front of PATH. */
  readonly binDir?: string;
  /** That of k0s. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Whether the proxies of k0s' own environment are meant for it too. */
  readonly usesProxy?: boolean;
  /** What it must reach without a proxy, if it has one. */
  readonly noProxy?: readonly string[];
  /** Set by the component; wins over everything that is inherited. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** Marks what belongs to us, so that a later start can find what a killed one left. */
export const managedVariable = "_K0S_MANAGED";

/** How Go's runtime behaves; the last, how much garbage idle programs keep (upstream/shared/idlegc). */
const goRuntime = ["GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK", "K0S_IDLE_GC"] as const;

/** Passed on to every process: paths, locale, whom TLS trusts. */
const common: ReadonlySet<string> = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "TMPDIR",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TZDIR",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  ...goRuntime,
  // Marks what runs in a sandbox (sandbox/machine-spec.ts).
  "K0S_SANDBOX",
]);

/** Variables `KUBELET_X` reach kubelet as `X` and win over a plain `X`. */
export function childEnvironment(input: EnvironmentInput): Record<string, string> {
  const prefix = `${input.name.toUpperCase()}_`;
  const inherited = Object.entries(input.inherited).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const plain = inherited.filter(
    ([key]) => isCommon(key) || (input.usesProxy === true && proxyVariables.has(key)),
  );
  // Neither a shell nor systemd takes a hyphen in such a name; upstream knows no other one.
  const own = [...new Set([prefix.replaceAll("-", "_"), prefix])].flatMap((start) =>
    inherited.flatMap(([key, value]) => {
      const stripped = strippedName(input, start, key);
      return stripped === undefined ? [] : [[stripped, value] as const];
    }),
  );
  const variables = { ...Object.fromEntries(plain), ...Object.fromEntries(own), ...input.extra };
  const env = withNoProxy(variables, input.noProxy ?? []);
  if (input.binDir !== undefined) env["PATH"] = [input.binDir, env["PATH"]].filter(Boolean).join(delimiter);
  env[managedVariable] = "yes";
  return env;
}

/** A program that looks for its prefix has no variables of its own by these names. */
const losesPrefix: ReadonlySet<string> = new Set([...proxyVariables, ...goRuntime]);

function isCommon(name: string): boolean {
  return common.has(name) || name.startsWith("LC_");
}

function strippedName(
  { keepsPrefix = false }: EnvironmentInput,
  prefix: string,
  key: string,
): string | undefined {
  if (!key.startsWith(prefix) || key === prefix) return undefined;
  const stripped = key.slice(prefix.length);
  return keepsPrefix && !losesPrefix.has(stripped) ? key : stripped;
}
