// What controllers say about the tunnels to a node.

import type { NodeTunnel } from "../../src/components/konnectivity/tunnels/report.ts";
import type { TestController } from "./controllers.ts";

/** Waits until this controller says that the node has tunnels to exactly these, and that none is missing. */
export async function tunnelsSeen(
  { machine }: Pick<TestController, "machine">,
  node: string,
  expected: readonly string[],
): Promise<void> {
  let seen = "";
  try {
    await machine.waitFor(
      `tunnels to ${expected.join(", ")}`,
      async () => {
        const { stdout } = await machine.exec(["k0s", "status", "-o", "json"]);
        const { Tunnels } = JSON.parse(stdout) as { Tunnels?: readonly NodeTunnel[] };
        seen = JSON.stringify(Tunnels);
        const report = Tunnels?.find((tunnel) => tunnel.node === node);
        return report?.controllers.join() === expected.join() && report.missing.length === 0;
      },
      { timeoutMs: 300_000, intervalMs: 1_000 },
    );
  } catch (err) {
    throw new Error(`${(err as Error).message}; last seen: ${seen}`, { cause: err });
  }
}
