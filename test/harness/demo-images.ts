// The images of the tests' own pods on a node whose k0s runs: a bundle that appears whole in the images folder.

import { readFile } from "node:fs/promises";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import type { TestMachine } from "./test-machine.ts";

export async function importDemoImages(machine: TestMachine, dataDir = "/var/lib/k0s"): Promise<void> {
  await machine.writeFile(`${dataDir}/images/.demo`, await readFile(await buildDemoImages()));
  await machine.ok(["mv", `${dataDir}/images/.demo`, `${dataDir}/images/demo.tar`]);
}
