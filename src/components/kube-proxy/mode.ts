// Which rules kube-proxy writes: decided once per node, because rules of the other kind would stay behind (docs/adr/0010).

import { join } from "node:path";
import { readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { run } from "../../os/exec.ts";
import { hangMs } from "../../os/patience.ts";
import { protocolsFile } from "../../os/protocols-file.ts";
import { UserError } from "../../std/errors.ts";
import type { ProxyMode } from "./config.ts";

export interface ProxyModeInput {
  /** `spec.network.kubeProxy.mode`, if the user set it. */
  readonly configured: string | undefined;
  /** What this node decided earlier. */
  readonly remembered: string | undefined;
  /** Whether the kernel has nf_tables. */
  readonly nftables: boolean;
  /** Whether the kernel has IPVS. */
  readonly ipvs: boolean;
  /** Whether the host names protocols: `nft` and `ipset` need that, iptables does not (docs/adr/0097). */
  readonly protocolNames: boolean;
}

/** The configured mode, else the remembered one, else the best that the host has. */
export function chooseProxyMode(input: ProxyModeInput): ProxyMode {
  const { configured, remembered, nftables, protocolNames } = input;
  if (configured !== undefined) return supported(configured, input);
  if (!protocolNames) return "iptables";
  if (remembered === "nftables" || remembered === "iptables") return remembered;
  return nftables ? "nftables" : "iptables";
}

function supported(mode: string, { ipvs, protocolNames }: ProxyModeInput): ProxyMode {
  if ((mode === "nftables" || mode === "ipvs") && !protocolNames)
    throw new UserError(
      `spec.network.kubeProxy.mode: ${mode} needs the names of tcp and udp in ${protocolsFile}`,
      {
        hint: `Install your distribution's package with that file (netbase, for instance), or use mode iptables.`,
        code: "unsupported-setting",
      },
    );
  if (mode === "iptables" || mode === "nftables") return mode;
  if (mode === "ipvs") {
    if (ipvs) return mode;
    throw new UserError("spec.network.kubeProxy.mode: the kernel of this host has no IPVS", {
      hint: "Install the kernel modules ip_vs, ip_vs_rr, ip_vs_wrr, ip_vs_sh and dummy, or use mode nftables.",
      code: "unsupported-setting",
    });
  }
  throw new UserError(`spec.network.kubeProxy.mode: ${mode} is not supported`, {
    hint: "Use nftables, iptables or ipvs, or leave it out.",
    code: "unsupported-setting",
  });
}

export interface ProxyModeContext {
  readonly dataDir: string;
  /** The relocated `nft`. */
  readonly nft: string;
  readonly env: Readonly<Record<string, string>>;
  /** Loads what mode ipvs needs, and tells whether the kernel has it. */
  readonly hasIpvs: (signal: AbortSignal) => Promise<boolean>;
  /** Sees to it that protocols have names, and tells whether they have. */
  readonly namesProtocols: () => Promise<boolean>;
}

/** Decides and remembers. */
export async function decideProxyMode(
  configured: string | undefined,
  context: ProxyModeContext,
  signal: AbortSignal,
): Promise<ProxyMode> {
  const file = join(context.dataDir, "kube-proxy-mode");
  const remembered = (await readFileIfExists(file))?.trim();
  const probe = await run(context.nft, ["list", "tables"], {
    signal,
    env: { ...context.env },
    timeoutMs: hangMs,
  });
  const ipvs = configured === "ipvs" && (await context.hasIpvs(signal));
  const protocolNames = await context.namesProtocols();
  const mode = chooseProxyMode({ configured, remembered, nftables: probe.code === 0, ipvs, protocolNames });
  // What only the missing names have chosen is not kept: they may be there at the next start.
  const chosen = configured !== undefined || protocolNames;
  if (chosen && mode !== remembered) await writeFileAtomic(file, `${mode}\n`);
  return mode;
}
