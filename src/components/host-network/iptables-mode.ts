// Which kernel interface `iptables` writes to on this node: decided once, because rules of the other one stay in force.
// Upstream: pkg/component/iptables/iptables.go, internal/pkg/iptablesutils/iptables.go.

import { release } from "node:os";
import { join } from "node:path";
import { cleanEnvironment, run } from "../../os/exec.ts";
import { readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { findExecutable } from "../../os/find-executable.ts";
import { hangMs } from "../../os/patience.ts";
import { type HostTools, type IptablesBackend } from "../../payload/stage-host-tools.ts";
import type { Logger } from "../../std/log.ts";

export interface IptablesEvidence {
  /** What iptables-save and ip6tables-save print; undefined where the kernel or the tool says no. */
  readonly rules: Readonly<Record<IptablesBackend, string | undefined>>;
  /** `iptables --version` of the host's own one, if it has any. */
  readonly hostVersion: string | undefined;
  readonly kernelRelease: string;
}

export interface IptablesDecision {
  readonly backend: IptablesBackend;
  readonly because: string;
}

/** Chains that kubelet or kube-proxy of an earlier run made. */
const kubernetesMark = /KUBE-IPTABLES-HINT|KUBE-KUBELET-CANARY/;

export function detectIptables({ rules, hostVersion, kernelRelease }: IptablesEvidence): IptablesDecision {
  for (const backend of ["nft", "legacy"] as const) {
    if (kubernetesMark.test(rules[backend] ?? "")) return { backend, because: "it has rules of Kubernetes" };
  }
  if (rules.nft !== undefined && rules.legacy !== undefined && telling(rules.legacy) > telling(rules.nft))
    return { backend: "legacy", because: "it has more rules" };
  if (hostVersion !== undefined) {
    const backend = hostVersion.includes("nf_tables") ? "nft" : "legacy";
    return { backend, because: "the host's iptables uses it" };
  }
  const backend = Number.parseInt(kernelRelease, 10) < 5 ? "legacy" : "nft";
  return { backend, because: "nothing else is known" };
}

export interface IptablesModeContext {
  readonly tools: HostTools;
  readonly dataDir: string;
  readonly log: Logger;
}

/** What the user wants, else what this node decided before, else what its rules tell; remembered from then on. */
export async function decideIptables(
  wanted: IptablesBackend | "auto",
  { tools, dataDir, log }: IptablesModeContext,
  signal: AbortSignal,
): Promise<IptablesBackend> {
  const file = join(dataDir, "iptables-mode");
  const remembered = (await readFileIfExists(file))?.trim();
  if (wanted === "auto" && (remembered === "nft" || remembered === "legacy")) return remembered;
  const decision: IptablesDecision =
    wanted === "auto"
      ? detectIptables(await observe(tools, signal))
      : { backend: wanted, because: "--iptables-mode says so" };
  if (decision.backend !== remembered) await writeFileAtomic(file, `${decision.backend}\n`);
  log.info("Chose the kind of iptables", { mode: decision.backend, because: decision.because });
  return decision.backend;
}

async function observe(tools: HostTools, signal: AbortSignal): Promise<IptablesEvidence> {
  const own = findExecutable("iptables");
  const [nft, legacy, hostVersion] = await Promise.all([
    savedRules("nft", tools, signal),
    savedRules("legacy", tools, signal),
    own === undefined ? undefined : output(own, ["--version"], cleanEnvironment(), signal),
  ]);
  return { rules: { nft, legacy }, hostVersion, kernelRelease: release() };
}

/** Of both address families; if one cannot be read, the result is unknown. */
async function savedRules(
  backend: IptablesBackend,
  tools: HostTools,
  signal: AbortSignal,
): Promise<string | undefined> {
  const program = join(tools.binDir, `xtables-${backend}-multi`);
  const env = { ...cleanEnvironment(), ...tools.env };
  const saved = await Promise.all(
    ["iptables-save", "ip6tables-save"].map((name) => output(program, [name], env, signal)),
  );
  return saved.includes(undefined) ? undefined : saved.join("");
}

async function output(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { code, stdout } = await run(program, args, { env, signal, timeoutMs: hangMs });
  return code === 0 ? stdout : undefined;
}

/** A table that is loaded has its name and the kernel's own chains, with or without rules. */
const saysNothing = /^(#|\*|COMMIT|:[A-Z]+ ACCEPT|$)/;

function telling(text: string): number {
  return text.split("\n").filter((line) => !saysNothing.test(line)).length;
}
