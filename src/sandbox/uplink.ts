// A way out for a sandbox whose pods pull images: a link into the host's network and one nft table that is all ours.
// Only on request; nothing here runs without `--uplink`.

import { readFile, writeFile } from "node:fs/promises";
import { contains, parseCidr } from "../std/cidr.ts";
import { run } from "../os/exec.ts";
import { findExecutable } from "../os/find-executable.ts";
import { UserError } from "../std/errors.ts";
import { isolatedPrefix } from "./machine-boot.ts";
import type { SandboxState } from "./sandbox-state.ts";

export type Uplink = NonNullable<SandboxState["uplink"]>;

const forwardingFile = "/proc/sys/net/ipv4/ip_forward";

function uplinkTable(sandbox: string): string {
  return `k0s-sandbox-${sandbox}`;
}

/** Input of `nft -f`: replaces the table as a whole, so that it can be applied again. */
export function uplinkRules(options: { sandbox: string; prefix: string; link: string }): string {
  const table = `ip ${uplinkTable(options.sandbox)}`;
  return [
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    "  chain postrouting {",
    "    type nat hook postrouting priority srcnat; policy accept;",
    `    ip saddr ${options.prefix}.0/24 oifname != "${options.link}" masquerade`,
    "  }",
    "  chain forward {",
    "    type filter hook forward priority filter; policy accept;",
    // Connections go out of the machines; only answers come in.
    `    oifname "${options.link}" ct state established,related accept`,
    `    oifname "${options.link}" drop`,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** A network that neither the host nor another sandbox has. */
export function freePrefix(hostAddresses: readonly string[], taken: readonly string[]): string {
  const base = isolatedPrefix.split(".").slice(0, 2).join(".");
  for (let number = 1; number < 255; number += 1) {
    const prefix = `${base}.${number}`;
    const network = parseCidr(`${prefix}.0/24`);
    if (!taken.includes(prefix) && !hostAddresses.some((address) => contains(network, address)))
      return prefix;
  }
  throw new UserError("every network that a sandbox with an uplink could have is taken");
}

/** The first name server of the host that a machine can reach. */
export function reachableNameserver(resolvConf: string): string | undefined {
  const servers = [...resolvConf.matchAll(/^\s*nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map(
    (match) => match[1],
  );
  return servers.find((server) => server !== undefined && !server.startsWith("127."));
}

export async function planUplink(number: string): Promise<Uplink> {
  requireNft();
  const files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const nameserver = texts.map(reachableNameserver).find((server) => server !== undefined);
  if (nameserver === undefined) {
    throw new UserError("this host has no name server that a machine could ask", {
      hint: "Put one into /etc/resolv.conf that is not on the loopback address.",
    });
  }
  return { link: `k0s-up${number}`, forwarding: (await readFile(forwardingFile, "utf8")).trim(), nameserver };
}

export async function openUplink(sandbox: string, prefix: string, uplink: Uplink): Promise<void> {
  await nft(["-f", "-"], uplinkRules({ sandbox, prefix, link: uplink.link }));
  await writeFile(forwardingFile, "1");
}

/** Puts the host back as it was; `others`: whether another sandbox still needs forwarding. */
export async function closeUplink(
  sandbox: string,
  uplink: Uplink,
  options: { others: boolean },
): Promise<void> {
  await deleteTable(requireNft(), sandbox);
  if (!options.others) await writeFile(forwardingFile, uplink.forwarding);
}

/** The table of a sandbox whose state is lost; without the program there is none. */
export async function removeUplinkTable(sandbox: string): Promise<void> {
  const program = findExecutable("nft");
  if (program !== undefined) await deleteTable(program, sandbox);
}

async function deleteTable(program: string, sandbox: string): Promise<void> {
  const result = await run(program, ["delete", "table", "ip", uplinkTable(sandbox)]);
  if (result.code !== 0 && !result.stderr.includes("No such file")) throw new Error(result.stderr.trim());
}

async function nft(args: readonly string[], input: string): Promise<void> {
  const result = await run(requireNft(), args, { input });
  if (result.code !== 0) throw new Error(`nft: ${result.stderr.trim()}`);
}

function requireNft(): string {
  const program = findExecutable("nft");
  if (program !== undefined) return program;
  throw new UserError("--uplink needs the program nft on this host", {
    hint: "Install the package nftables, or leave out --uplink.",
    code: "missing-nft",
  });
}
