// A node of k0s in a virtual machine.

import type { VirtualMachine } from "./virtual-machine.ts";

/** Until `k0s status` says that it is healthy. */
export async function nodeIsWell(machine: VirtualMachine): Promise<void> {
  await machine.waitFor(
    "the node to be well",
    async () => {
      const { stdout, stderr } = await machine.tryK0s("status", "-o", "json");
      if (stdout === "") throw new Error(stderr);
      const status = JSON.parse(stdout) as { readonly Healthy: boolean; readonly Problems?: unknown };
      if (status.Healthy) return true;
      throw new Error(stdout);
    },
    { intervalMs: 5_000 },
  );
}
