// nft, iptables, ipset, conntrack and ip with their libraries, for hosts that have none: running-here.md §12.

import { readlink, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { isNotFound } from "../std/errors.ts";
import type { Payload } from "./payload.ts";
import { type StagingOptions, startStaging } from "./staging.ts";

/** Which kernel interface `iptables` writes to. Decide once per node: rules of the other one stay in force. */
export type IptablesBackend = "nft" | "legacy";

export interface HostToolsOptions extends StagingOptions {
  readonly backend: IptablesBackend;
}

export interface HostTools {
  /** To be put in front of PATH. */
  readonly binDir: string;
  /** Environment of whoever calls them: iptables' plug-ins are found by it. */
  readonly env: Readonly<Record<string, string>>;
}

const iptablesNames = ["iptables", "ip6tables"].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);

/** Puts the tools into `dir` and links the iptables commands to the backend. */
export async function stageHostTools(
  payload: Payload,
  dir: string,
  options: HostToolsOptions,
): Promise<HostTools> {
  const parts = payload.index.parts.filter((part) => part.kind === "host-tools");
  if (parts.length !== 1) throw new Error(`${payload.path} has no host tools`);
  await startStaging(payload, parts, { dir, own: true }, options).done;
  const tools = hostTools(dir);
  for (const name of iptablesNames)
    await ensureLink(join(tools.binDir, name), `xtables-${options.backend}-multi`);
  return tools;
}

/** Where the tools are once they are staged. */
export function hostTools(dir: string): HostTools {
  return { binDir: join(dir, "bin"), env: { XTABLES_LIBDIR: join(dir, "lib", "xtables") } };
}

async function ensureLink(path: string, target: string): Promise<void> {
  if ((await linkTarget(path)) === target) return;
  const temporary = `${path}.${process.pid}.tmp`;
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  await rename(temporary, path);
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}
