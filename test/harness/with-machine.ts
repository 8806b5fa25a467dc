// A test in one or several machines: they are made before it, gone after it, and their logs are shown if it fails.

import { startNetwork, type TestMachine, type TestMachineOptions, type TestNetwork } from "./test-machine.ts";

export async function withNetwork<T>(work: (network: TestNetwork) => Promise<T>): Promise<T> {
  await using network = await startNetwork();
  return await withLogs(network, () => work(network));
}

/** Shows what every machine has logged if the work fails. */
export async function withLogs<T>(network: TestNetwork, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (err) {
    console.error(await network.logs());
    throw err;
  }
}

export function withMachine<T>(
  options: TestMachineOptions,
  work: (machine: TestMachine) => Promise<T>,
): Promise<T> {
  return withNetwork(async (network) => work(await network.machine(options)));
}
