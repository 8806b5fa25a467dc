// What a process in a machine is allowed and where it listens.

import type { TestMachine } from "../../harness/test-machine.ts";

export interface ObservedProcess {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups: string;
  readonly user: string;
  /** Of effective, permitted, inheritable and ambient capabilities together. */
  readonly capabilities: bigint;
  readonly noNewPrivs: boolean;
  /** `*:6443`, `127.0.0.1:10257`, `unix:/run/…`; sorted. */
  readonly listens: readonly string[];
}

export async function observeProcess(machine: TestMachine, pid: number): Promise<ObservedProcess> {
  const status = await machine.ok(["cat", `/proc/${pid}/status`]);
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(status)?.[1]?.trim() ?? "";
  const uid = Number(field("Uid").split(/\s/)[0]);
  const passwd = await machine.ok(["cat", "/etc/passwd"]);
  const user =
    passwd
      .split("\n")
      .find((line) => line.split(":")[2] === String(uid))
      ?.split(":")[0] ?? "?";
  const capabilities = ["CapEff", "CapPrm", "CapInh", "CapAmb"].map((name) => BigInt(`0x${field(name)}`));
  return {
    pid,
    uid,
    gid: Number(field("Gid").split(/\s/)[0]),
    groups: field("Groups"),
    user,
    capabilities: capabilities.reduce((all, one) => all | one, 0n),
    noNewPrivs: field("NoNewPrivs") === "1",
    listens: await listens(machine, pid),
  };
}

async function listens(machine: TestMachine, pid: number): Promise<string[]> {
  const mine = async (flags: string): Promise<string[][]> =>
    (await machine.ok(["ss", "-H", "-p", flags]))
      .split("\n")
      .filter((line) => line.includes(`pid=${pid},`))
      .map((line) => line.split(/\s+/));
  const tcp = (await mine("-ltn")).map((cells) => (cells[3] ?? "").replace(/^(0\.0\.0\.0|\[::\]):/, "*:"));
  const unix = (await mine("-lx")).map((cells) => `unix:${cells[4]}`);
  return [...new Set([...tcp, ...unix])].sort();
}
