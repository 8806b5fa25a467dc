// A registry in the network of a machine, with the images of the tests' own pods.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import { pollUntil } from "../../src/std/wait.ts";
import type { TestMachine } from "./test-machine.ts";

export interface TestRegistry extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, as seen from the machine. */
  readonly url: string;
  /** Method and path of every request so far. */
  requests(): readonly string[];
}

const address = "127.0.0.1";

export async function startRegistry(machine: TestMachine, port = 5000): Promise<TestRegistry> {
  const layout = await mkdtemp(join(tmpdir(), "registry-"));
  await unpack(await buildDemoImages(), layout);
  const main = join(import.meta.dir, "registry-main.ts");
  const child = Bun.spawn(
    ["nsenter", `--net=${machine.networkNamespace()}`, process.execPath, main, layout, address, String(port)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines: string[] = [];
  const reading = readLines(child.stdout, lines);
  const end = async (): Promise<void> => {
    child.kill();
    await Promise.all([child.exited, reading]);
    await rm(layout, { recursive: true, force: true });
  };
  await pollUntil(() => lines.length > 0, { what: "the registry", intervalMs: 50, timeoutMs: 30_000 });
  return {
    url: `http://${address}:${port}`,
    requests: () => lines.slice(1),
    [Symbol.asyncDispose]: end,
  };
}

async function unpack(archive: string, folder: string): Promise<void> {
  const tar = Bun.spawn(["tar", "-xf", archive, "-C", folder], { stdio: ["ignore", "inherit", "inherit"] });
  if ((await tar.exited) !== 0) throw new Error(`tar cannot unpack ${archive}`);
}

async function readLines(stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  for await (const line of createInterface({ input: Readable.fromWeb(stream as never) })) lines.push(line);
}
