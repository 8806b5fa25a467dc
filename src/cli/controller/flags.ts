// Flags of `k0s controller`. Upstream: pkg/config/cli.go.

import { controllerRole } from "../../roles/controller.ts";
import { disableableNames } from "../../roles/folds/names.ts";
import { workerRole } from "../../roles/worker.ts";
import { parseDuration } from "../../std/duration.ts";
import {
  boolFlag,
  extraArgsFlag,
  notYetFlag,
  parseBool,
  parsedFlag,
  splitList,
  splitPair,
} from "../core/flag.ts";

/** k0s' own gates and whether they can still be switched off. */
const knownFeatureGates: Readonly<Record<string, "alpha" | "beta" | "ga">> = { IPv6SingleStack: "alpha" };

export const featureGatesFlag = parsedFlag<Readonly<Record<string, boolean>>>(
  "feature-gates",
  "feature gates of k0s itself, Name=true|false,...: IPv6SingleStack (alpha, default false)",
  { value: {}, text: "" },
  (texts) => parseFeatureGates(texts.flatMap(splitList)),
  { type: "mapStringBool", repeatable: true },
);

/** As with upstream's, 0 stands for them. */
const cloudProviderDefaults = { port: 10_258, updateEveryMs: 120_000 };

/** Parts of upstream that this k0s does not have, so that they are off in any case. */
export const absentComponents: readonly string[] = ["autopilot", "update-prober"];

/** What `--disable-components` accepts. */
export const disableableComponents: readonly string[] = [
  ...absentComponents,
  ...disableableNames([...controllerRole, ...workerRole]),
].toSorted();

export const controllerFlags = {
  enableWorker: boolFlag("enable-worker", "run pods on this controller too"),
  single: boolFlag("single", "a cluster of this one node (implies --enable-worker); no other node can join"),
  noTaints: boolFlag("no-taints", "let ordinary pods run on this controller (with --enable-worker)"),
  disableComponents: parsedFlag<readonly string[]>(
    "disable-components",
    `components to leave out: ${disableableComponents.join(", ")}`,
    { value: [], text: "" },
    (texts) => parseDisabled(texts.flatMap(splitList)),
    { type: "strings", choices: disableableComponents, repeatable: true },
  ),
  enableDynamicConfig: boolFlag(
    "enable-dynamic-config",
    "keep the cluster-wide configuration in the cluster itself",
  ),
  enableMetricsScraper: notYetFlag(
    boolFlag("enable-metrics-scraper", "collect the metrics of controller components"),
    "leave it out",
  ),
  enableK0sCloudProvider: boolFlag(
    "enable-k0s-cloud-provider",
    "run k0s' own cloud provider, for nodes that are started with --enable-cloud-provider",
  ),
  k0sCloudProviderUpdateFrequency: parsedFlag<number>(
    "k0s-cloud-provider-update-frequency",
    "how often k0s' cloud provider looks at the addresses of all nodes",
    { value: cloudProviderDefaults.updateEveryMs, text: "2m0s" },
    (texts) => zeroOrSeconds(parseDuration(texts.at(-1) ?? "")) || cloudProviderDefaults.updateEveryMs,
    { type: "duration" },
  ),
  k0sCloudProviderPort: parsedFlag<number>(
    "k0s-cloud-provider-port",
    "port on loopback where k0s' cloud provider says whether it is well",
    { value: cloudProviderDefaults.port, text: String(cloudProviderDefaults.port) },
    (texts) => parsePort(texts.at(-1) ?? "") || cloudProviderDefaults.port,
    { type: "int" },
  ),
  kubeControllerManagerExtraArgs: extraArgsFlag(
    "kube-controller-manager-extra-args",
    "more flags for kube-controller-manager",
  ),
  featureGates: featureGatesFlag,
  initOnly: boolFlag("init-only", "write certificates and initial files, start nothing"),
  apiServerStopTimeout: parsedFlag<number | undefined>(
    "api-server-stop-timeout",
    "how long kube-apiserver may take to stop",
    { value: undefined, text: "" },
    (texts) => positive(parseDuration(texts.at(-1) ?? "")),
    { type: "duration" },
  ),
};

/** Accepted for older command lines, without effect. */
export const obsoleteComponent = "worker-config";

export function parseDisabled(names: readonly string[]): string[] {
  for (const name of names) {
    if (name !== obsoleteComponent && !isDisableable(name)) throw new Error(`unknown component ${name}`);
  }
  return [...new Set(names)];
}

export function isDisableable(name: string): boolean {
  return disableableComponents.includes(name);
}

export function parseFeatureGates(pairs: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name, value] = splitPair(pair);
      const stage = knownFeatureGates[name];
      if (stage === undefined) throw new Error(`unknown feature gate ${name}`);
      const enabled = parseBool(value);
      if (stage === "ga" && !enabled) throw new Error(`feature gate ${name} cannot be disabled any more`);
      return [name, enabled];
    }),
  );
}

function parsePort(text: string): number {
  if (!/^\+?\d+$/.test(text)) throw new Error("must be a whole number");
  if (Number(text) > 65_535) throw new Error("must be a port, 1 to 65535");
  return Number(text);
}

/** Zero stands for the default. Looking more often than each second would only keep the API server busy. */
function zeroOrSeconds(ms: number): number {
  if (ms !== 0 && ms < 1_000) throw new Error("must be 1s or more");
  return ms;
}

function positive(ms: number): number {
  if (ms <= 0) throw new Error("must be positive");
  return ms;
}
