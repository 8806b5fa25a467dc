// A node of k0s in a virtual machine.

import type { VirtualMachine } from "./virtual-machine.ts";

/** Until `k0s status` says that it is healthy; what it says meanwhile is printed whenever it changes. */
export async function nodeIsWell(machine: VirtualMachine): Promise<void> {
  const started = performance.now();
  let said = "";
  await machine.waitFor(
    "the node to be well",
    async () => {
      const { stdout, stderr } = await machine.tryK0s("status", "-o", "json");
      const status = stdout === "" ? undefined : (JSON.parse(stdout) as Status);
      if (status?.Healthy === true) return true;
      const now = status?.Problems === undefined ? stderr : JSON.stringify(status.Problems);
      if (now !== said) console.log(`${machine.system}: ${secondsSince(started)} s: ${now}`);
      said = now;
      throw new Error(`${stdout}${stderr}`);
    },
    // The question itself is a program that an emulated processor needs seconds for.
    { intervalMs: 15_000 },
  );
  console.log(`${machine.system}: it is well after ${secondsSince(started)} s`);
}

interface Status {
  readonly Healthy: boolean;
  readonly Problems?: unknown;
}

function secondsSince(started: number): string {
  return ((performance.now() - started) / 1_000).toFixed(0);
}
