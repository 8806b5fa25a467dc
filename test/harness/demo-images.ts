// The images of the tests' own pods on a node: in its images folder before k0s starts, or while it runs as a bundle that
// appears whole.

import { readFile } from "node:fs/promises";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import type { TestMachine } from "./test-machine.ts";

const defaultDataDir = "/var/lib/k0s";

/** k0s does not run yet. */
export async function putDemoImages(machine: TestMachine, dataDir = defaultDataDir): Promise<void> {
  await machine.ok(["mkdir", "-p", `${dataDir}/images`]);
  await machine.writeFile(`${dataDir}/images/demo.tar`, await readFile(await buildDemoImages()));
}

/** k0s runs. */
export async function importDemoImages(machine: TestMachine, dataDir = defaultDataDir): Promise<void> {
  await machine.writeFile(`${dataDir}/images/.demo`, await readFile(await buildDemoImages()));
  await machine.ok(["mv", `${dataDir}/images/.demo`, `${dataDir}/images/demo.tar`]);
}
