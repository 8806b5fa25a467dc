// nft, iptables, ipset, conntrack and ip with their libraries, for hosts that have none: docs/adr/0030.

import { join } from "node:path";
import { linkTarget, writeLinkAtomic } from "../os/files.ts";
import type { Payload } from "./payload.ts";
import { type StagingOptions, startStaging } from "./staging.ts";

/** Which kernel interface `iptables` writes to. Decide once per node: rules of the other one stay in force. */
export type IptablesBackend = "nft" | "legacy";

export interface HostTools {
  /** To be put in front of PATH. */
  readonly binDir: string;
  /** Environment for those who call them: iptables finds its plug-ins by it. */
  readonly env: Readonly<Record<string, string>>;
}

const iptablesNames = ["iptables", "ip6tables"].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);

/** Puts the tools into `dir`; the iptables commands are there once they are linked to a backend. */
export async function stageHostTools(
  payload: Payload,
  dir: string,
  options: StagingOptions,
): Promise<HostTools> {
  const parts = payload.index.parts.filter((part) => part.kind === "host-tools");
  if (parts.length !== 1) throw new Error(`${payload.path} has no host tools`);
  await startStaging(payload, parts, { dir, own: true }, options).done;
  return hostTools(dir);
}

/** Makes `iptables` and its relatives write to this backend. */
export async function linkIptables({ binDir }: HostTools, backend: IptablesBackend): Promise<void> {
  for (const name of iptablesNames) await ensureLink(join(binDir, name), `xtables-${backend}-multi`);
}

/** Where the tools are once they are staged. */
export function hostTools(dir: string): HostTools {
  return { binDir: join(dir, "bin"), env: { XTABLES_LIBDIR: join(dir, "lib", "xtables") } };
}

async function ensureLink(path: string, target: string): Promise<void> {
  if ((await linkTarget(path)) === target) return;
  await writeLinkAtomic(path, target);
}
