// The environment of supervised processes; upstream: pkg/supervisor (getEnv), reference §6.3.

import { delimiter } from "node:path";

export interface EnvironmentInput {
  /** The component's name, whose upper-case form is the prefix of its own variables. */
  readonly name: string;
  /** Put in front of PATH. */
  readonly binDir?: string;
  /** Ours. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Set by the component; wins over everything that is inherited. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** Marks what belongs to us, so that a later start can find what a killed one left. */
export const managedVariable = "_K0S_MANAGED";

/** Variables `KUBELET_X` reach kubelet as `X` and win over a plain `X`; etcd keeps its prefix except for proxies. */
export function childEnvironment(input: EnvironmentInput): Record<string, string> {
  const prefix = `${input.name.toUpperCase()}_`;
  const plain: Record<string, string> = {};
  const own: Record<string, string> = {};
  for (const [key, value] of Object.entries(input.inherited)) {
    if (value === undefined || isRuntimeVariable(key)) continue;
    plain[key] = value;
    const stripped = strippedName(input.name, prefix, key);
    if (stripped === undefined) continue;
    own[stripped] = value;
    if (stripped !== key) delete plain[key];
  }
  const env = { ...plain, ...own, ...input.extra };
  if (input.binDir !== undefined) env["PATH"] = [input.binDir, env["PATH"]].filter(Boolean).join(delimiter);
  env[managedVariable] = "yes";
  return env;
}

const proxyVariables: ReadonlySet<string> = new Set(["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]);

function strippedName(name: string, prefix: string, key: string): string | undefined {
  if (!key.startsWith(prefix) || key === prefix) return undefined;
  const stripped = key.slice(prefix.length);
  return name === "etcd" && !proxyVariables.has(stripped) ? key : stripped;
}

/** What steers our own runtime (`BUN_OPTIONS` would load code) or says where our own file lies is not for children. */
function isRuntimeVariable(key: string): boolean {
  return key.startsWith("BUN_") || key === "K0S_SELF";
}
