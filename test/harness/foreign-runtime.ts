// A containerd that is none of k0s' business, for workers with --cri-socket: its programs come from another worker.

import { createWriteStream } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { imageTarStream } from "../../src/oci/archive-writer.ts";
import { openPayload } from "../../src/payload/payload.ts";
import type { TestMachine } from "./test-machine.ts";

export const foreignSocket = "/run/foreign/containerd.sock";
const home = "/var/lib/foreign/bin";
/** Name → the program of k0s that it is a copy of: ctr is containerd under another name. */
const programs = {
  containerd: "containerd",
  "containerd-shim-runc-v2": "containerd-shim-runc-v2",
  ctr: "containerd",
  runc: "runc",
};
const builtFile = join(import.meta.dir, "../../dist/k0s");

/** `donor` is a worker whose runtime is copied. Resolves when the runtime answers. */
export async function startForeignRuntime(machine: TestMachine, donor: TestMachine): Promise<void> {
  await machine.ok(["mkdir", "-p", "/var/lib/foreign/bin", "/run/foreign"]);
  for (const [name, source] of Object.entries(programs)) {
    const target = `${home}/${name}`;
    await copyFile(donor.hostPath(`/var/lib/k0s/bin/${source}`), machine.hostPath(target));
    await machine.ok(["chmod", "755", target]);
  }
  const config = (await readFile(donor.hostPath("/etc/k0s/containerd.toml"), "utf8"))
    .replaceAll("/var/lib/k0s/bin", "/var/lib/foreign/bin")
    .replace(/^imports = .*$/m, "");
  await machine.writeFile("/var/lib/foreign/config.toml", config);
  await machine.start(
    "foreign",
    [
      "/var/lib/foreign/bin/containerd",
      "--config=/var/lib/foreign/config.toml",
      "--root=/var/lib/foreign/root",
      "--state=/run/foreign/state",
      `--address=${foreignSocket}`,
    ],
    { env: { PATH: "/var/lib/foreign/bin:/usr/sbin:/usr/bin:/sbin:/bin" } },
  );
  await importImages(machine);
}

/** What a registry would do for such a runtime. */
async function importImages(machine: TestMachine): Promise<void> {
  const archive = "/var/lib/foreign/images.tar";
  await using payload = await openPayload(builtFile);
  const { images } = payload;
  const bytes = imageTarStream({ images, openBlob: (digest) => payload.openBlob(digest) });
  await pipeline(Readable.fromWeb(bytes as NodeReadableStream), createWriteStream(machine.hostPath(archive)));
  const files = [archive, "/var/lib/k0s/images/demo.tar"];
  for (const file of files) {
    const argv = [
      `${home}/ctr`,
      `--address=${foreignSocket}`,
      "--namespace=k8s.io",
      "images",
      "import",
      file,
    ];
    await machine.waitFor("the foreign runtime", async () => (await machine.ok(argv)) !== undefined);
  }
}
