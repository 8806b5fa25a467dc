// Variables of the environment that upstream k0s v1.37.0-alpha.3 reads or sets, and those that are read here.

import { childEnvironment } from "../../../src/supervisor/environment.ts";

interface UpstreamVariable {
  /** A star stands for any letters. */
  readonly name: string;
  readonly of: string;
  readonly effect: string;
  /** Only sources below this folder read it for that. */
  readonly below?: string;
}

const variable = (name: string, of: string, effect: string, below = ""): UpstreamVariable => ({
  name,
  of,
  effect,
  below,
});

export const upstreamVariables: readonly UpstreamVariable[] = [
  variable("K0S_TOKEN", "`controller`, `worker`", "the join token"),
  variable("KUBECONFIG", "`kubectl`", "the kubeconfig, unless `--kubeconfig` is given"),
  variable("DEBUG", "`kubectl`", "default of `--debug`"),
  variable("ETCD_UNSUPPORTED_ARCH", "etcd", "without it etcd does not start on some processors"),
  variable("<COMPONENT>_*", "components", "variables of that component alone"),
  variable("HTTP_PROXY", "components", "a proxy"),
  variable("HTTPS_PROXY", "components", "a proxy"),
  variable("NO_PROXY", "components", "what is reached without the proxy"),
  variable("XDG_RUNTIME_DIR", "`worker`", "where the balancer on workers keeps its files", "src/components/"),
  variable("_K0S_MANAGED", "components", "set by k0s, so that a later start recognizes what was left"),
  variable("AUTOPILOT_HOSTNAME", "automatic upgrades", "another name of the node"),
  variable("K0S_UPDATE_PERIOD", "automatic upgrades", "how often it is asked for a new release"),
  variable("K0S_UPDATE_CHECK_INTERVAL", "prober for updates", "how often it asks"),
  variable("K0S_UPDATE_SERVER", "prober for updates", "whom it asks"),
  variable("K0S_CONFIG", "container image", "text of `k0s.yaml`"),
  variable("K0S_ENTRYPOINT_*", "container image", "what is done before k0s starts"),
];

/** Of upstream's variables those that have no effect here, and why. */
export const withoutEffect: Readonly<Record<string, string>> = {
  DEBUG: "the flag is accepted and changes nothing: k0s itself logs nothing in front of kubectl",
  ETCD_UNSUPPORTED_ARCH: "etcd starts without it on all processors that this release has files for",
  XDG_RUNTIME_DIR:
    "k0s itself balances and has no such files: [ADR 22](adr/0022-node-local-load-balancing.md)",
  AUTOPILOT_HOSTNAME: "not yet",
  K0S_UPDATE_PERIOD: "not yet",
  K0S_UPDATE_CHECK_INTERVAL: "not yet",
  K0S_UPDATE_SERVER: "not yet",
};

/** Variables that upstream does not have, and what for. */
export const furtherVariables: Readonly<Record<string, string>> = {
  K0S_IDLE_GC: "how much garbage idle programs keep: [proxy.md](proxy.md#memory-of-idle-programs)",
  K0S_RUNTIME_ROOT: "where the program is unpacked: [ADR 3](adr/0003-one-file.md)",
};

/** Between the parts of k0s alone: the launcher, the program and what it starts. */
export const internalVariables: readonly string[] = [
  "K0S_ARGV0",
  "K0S_INDEX",
  "K0S_LAUNCHER",
  "K0S_LAUNCHER_NICE",
  "K0S_LAUNCHER_STDIN_ENDS",
  "K0S_SANDBOX",
  "K0S_SELF",
  "_K0S_PROGRESS_LINES",
  "_K0S_SANDBOX_EXEC",
];

/** Names of variables of k0s that stand in a source as a text of their own. */
export function variablesOfK0s(source: string): readonly string[] {
  return [...source.matchAll(/"(_?K0S_[A-Z0-9_]+)"/g)].map(([, name = ""]) => name);
}

/** Whether one of the sources, by their paths, has the variable or one of the family. */
export function isRead(
  { name, below = "" }: UpstreamVariable,
  sources: ReadonlyMap<string, string>,
): boolean {
  if (name === "<COMPONENT>_*") return reachesComponent();
  const [start, end] = name.endsWith("*") ? [name.slice(0, -1), ""] : [name, "\\b"];
  // In a script `${NAME-}` or `$NAME`.
  const inScript = new RegExp(`\\$\\{?${start}${end}`);
  const quoted = end === "" ? `"${start}` : `"${name}"`;
  return [...sources].some(
    ([path, source]) =>
      path.startsWith(below) && (path.endsWith(".sh") ? inScript.test(source) : source.includes(quoted)),
  );
}

function reachesComponent(): boolean {
  return childEnvironment({ name: "kubelet", inherited: { KUBELET_SOME: "value" } })["SOME"] === "value";
}
