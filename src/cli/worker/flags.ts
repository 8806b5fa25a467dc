// Flags of everything that runs a worker. Upstream: pkg/config/cli.go.

import { resolve } from "node:path";
import type { IptablesMode, Taint } from "../../components/node-options.ts";
import type { FlagMap } from "../../std/flags.ts";
import { nodeLabelsProblem, overriddenLabels, taintsProblem } from "../../std/node-labels.ts";
import type { JoinTokenSource } from "../../token/read-token.ts";
import {
  boolFlag,
  extraArgsFlag,
  type Flag,
  mapFlag,
  obsoleteFlag,
  parsedFlag,
  splitList,
  splitPair,
  stringFlag,
} from "../core/flag.ts";
import { usageError } from "../core/cobra-command.ts";
import { loggingFlag } from "../node/logging-levels.ts";

export const criSocketFlag = parsedFlag<string | undefined>(
  "cri-socket",
  "use this container runtime (remote:<url of its CRI socket>) instead of the containerd that comes with k0s",
  { value: undefined, text: "" },
  (texts) => parseCriSocket(texts.at(-1) ?? ""),
);

export const kubeletRootDirFlag = stringFlag(
  "kubelet-root-dir",
  "directory of kubelet's own data (default <data-dir>/kubelet)",
);

const labelsFlag: Flag<Readonly<Record<string, string>>> = {
  ...mapFlag("labels", "labels of the node when it registers first, k=v,..."),
  parse: (texts) => parseLabels(texts.flatMap(splitList)),
  remarks: (texts) => overriddenLabels(texts.flatMap(splitList).map(splitPair)),
};

const anyExtraArgs = extraArgsFlag(
  "kubelet-extra-args",
  "more flags for kubelet; they win over those that k0s sets",
);

/** As kubelet reads its own flag: a key alone has an empty value, blanks and empty parts do not count. */
function kubeletPairs(text: string): (readonly [string, string])[] {
  return splitList(text).flatMap((part) => {
    if (part === "") return [];
    const [key = "", ...value] = part.split("=");
    return [[key.trim(), value.join("=").trim()] as const];
  });
}

const kubeletExtraArgsFlag: Flag<FlagMap> = {
  ...anyExtraArgs,
  parse: (texts) => {
    const flags = anyExtraArgs.parse(texts);
    refuse(nodeLabelsProblem(kubeletPairs(flags["node-labels"] ?? "")));
    return flags;
  },
  remarks: (texts) => [
    ...(anyExtraArgs.remarks?.(texts) ?? []),
    ...overriddenLabels(kubeletPairs(anyExtraArgs.parse(texts)["node-labels"] ?? "")),
  ],
};

export const workerFlags = {
  kubeletRootDir: kubeletRootDirFlag,
  profile: stringFlag("profile", "worker profile to use on the node", { default: "default" }),
  enableCloudProvider: boolFlag(
    "enable-cloud-provider",
    "leave parts of the node's set-up to an external cloud provider",
  ),
  tokenFile: stringFlag("token-file", "file that holds the join token"),
  logging: loggingFlag,
  labels: labelsFlag,
  taints: parsedFlag<readonly Taint[]>(
    "taints",
    "taints of the node when it registers first, key=value:effect,...",
    { value: [], text: "" },
    (texts) => parseTaints(texts.flatMap(splitList)),
    { type: "strings", repeatable: true },
  ),
  kubeletExtraArgs: kubeletExtraArgsFlag,
  iptablesMode: parsedFlag<IptablesMode>(
    "iptables-mode",
    "kind of iptables to use: nft, legacy or auto",
    { value: "auto", text: "" },
    (texts) => parseIptablesMode(texts.at(-1) ?? ""),
    { choices: ["nft", "legacy", "auto"] },
  ),
  ignorePreFlightChecks: boolFlag(
    "ignore-pre-flight-checks",
    "go on when a pre-flight check rejects this host",
  ),
  criSocket: criSocketFlag,
  cidrRange: obsoleteFlag("cidr-range"),
};

/** `remote:<url>` → the URL. */
export function parseCriSocket(text: string): string | undefined {
  if (text === "") return undefined;
  const [kind = "", ...rest] = text.split(":");
  const url = rest.join(":");
  if (kind !== "remote" || url === "")
    throw new Error("must be remote:<url>, e.g. remote:unix:///run/crio/crio.sock");
  return url;
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new Error(problem);
}

export function parseLabels(pairs: readonly string[]): Readonly<Record<string, string>> {
  const labels = pairs.map(splitPair);
  refuse(nodeLabelsProblem(labels));
  return Object.fromEntries(labels);
}

export function parseTaints(texts: readonly string[]): readonly Taint[] {
  const taints = texts.map(parseTaint);
  refuse(taintsProblem(taints));
  return taints;
}

function parseTaint(text: string): Taint {
  const match = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text);
  const [, key = "", value = "", effect = ""] = match ?? [];
  if (match === null) throw new Error(`${text} must be formatted as key=value:effect`);
  if (!["NoSchedule", "PreferNoSchedule", "NoExecute"].includes(effect)) {
    throw new Error(`${effect} is no taint effect; there are NoSchedule, PreferNoSchedule and NoExecute`);
  }
  return { key, value, effect };
}

function parseIptablesMode(text: string): IptablesMode {
  if (text === "") return "auto";
  if (text === "nft" || text === "legacy" || text === "auto") return text;
  throw new Error("must be nft, legacy or auto");
}

/** Argument, `--token-file` and the variable `K0S_TOKEN` exclude each other. */
export function joinTokenSource(
  args: readonly string[],
  tokenFile: string,
  fromEnv: string | undefined,
): JoinTokenSource | undefined {
  const sources: JoinTokenSource[] = [];
  const [argument] = args;
  if (argument !== undefined && argument !== "")
    sources.push({ kind: "value", token: argument, from: "argument" });
  if (tokenFile !== "") sources.push({ kind: "file", path: resolve(tokenFile) });
  if (fromEnv !== undefined && fromEnv !== "")
    sources.push({ kind: "value", token: fromEnv, from: "environment" });
  if (sources.length > 1) {
    throw usageError(
      "more than one join token given",
      "Use only one of: the argument, --token-file, the variable K0S_TOKEN.",
    );
  }
  return sources[0];
}
