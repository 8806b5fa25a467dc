// The checksum of a file in a machine, by its own busybox.

import type { TestMachine } from "../../harness/test-machine.ts";

export async function md5Of(machine: TestMachine, path: string): Promise<string> {
  return (await machine.ok(["md5sum", path])).split(" ")[0] ?? "";
}
