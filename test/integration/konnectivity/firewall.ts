// A firewall of a worker's machine: whatever comes from outside and is no answer is dropped, for itself and for its pods.

import type { TestMachine } from "../../harness/test-machine.ts";

export async function dropInbound(machine: TestMachine): Promise<void> {
  const chain = (hook: string): string =>
    `chain ${hook} { type filter hook ${hook} priority -10; policy accept; ` +
    'iifname "eth0" ct state established,related accept; iifname "eth0" counter drop; }';
  await machine.ok(["nft", `table inet wall { ${chain("input")}; ${chain("forward")}; }`]);
}

/** Packets that it has dropped. */
export async function dropped(machine: TestMachine): Promise<number> {
  const rules = await machine.ok(["nft", "list", "table", "inet", "wall"]);
  return [...rules.matchAll(/packets (\d+)/g)].reduce((sum, [, packets]) => sum + Number(packets), 0);
}

/** Nothing gets out to this port any more, also not on connections that exist. */
export async function cutPort(machine: TestMachine, port: number): Promise<void> {
  const chain = (hook: string): string =>
    `chain ${hook} { type filter hook ${hook} priority -10; policy accept; tcp dport ${port} drop; }`;
  await machine.ok(["nft", `table inet cut { ${chain("output")}; ${chain("forward")}; }`]);
}

export async function mendPort(machine: TestMachine): Promise<void> {
  await machine.ok(["nft", "delete", "table", "inet", "cut"]);
}
