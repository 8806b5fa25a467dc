// Tests on machines that they share: what the machines have logged is shown when one of them fails.

import { test } from "bun:test";
import type { TestNetwork } from "./test-machine.ts";
import { withLogs } from "./with-machine.ts";

export type Scenario = (name: string, work: () => Promise<void>, timeoutMs?: number) => void;

/** `network` is asked for when a test fails. */
export function scenariosOn(network: () => TestNetwork): Scenario {
  return (name, work, timeoutMs = 600_000) => test(name, () => withLogs(network(), work), timeoutMs);
}
