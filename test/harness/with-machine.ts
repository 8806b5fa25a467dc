// A test in one or several machines: they are made before it, gone after it, and their logs are shown if it fails.

import { startNetwork, type TestMachine, type TestMachineOptions, type TestNetwork } from "./test-machine.ts";

export async function withNetwork<T>(work: (network: TestNetwork) => Promise<T>): Promise<T> {
  await using network = await startNetwork();
  try {
    return await work(network);
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
