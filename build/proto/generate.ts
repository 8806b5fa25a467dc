// Makes src/proto/: containerd's services from the module that upstream/containerd pins, and our parts of the CRI and of etcd's API.
// The result is checked in; run `bun build/proto/generate.ts` after changing the containerd version.

import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repoRoot } from "../cache-root.ts";
import { runCommand } from "../run-command.ts";

const apiModule = "github.com/containerd/containerd/api";
const containerdProtos = [
  "services/content/v1/content.proto",
  "services/diff/v1/diff.proto",
  "services/images/v1/images.proto",
  "services/leases/v1/leases.proto",
  "services/snapshots/v1/snapshots.proto",
  "types/descriptor.proto",
  "types/mount.proto",
];
const plugin = {
  local: join(repoRoot, "node_modules/.bin/protoc-gen-es"),
  out: ".",
  opt: ["target=js+dts", "import_extension=js"],
};

async function generate(input: string, target: string): Promise<void> {
  const template = JSON.stringify({ version: "v2", plugins: [{ ...plugin, out: target }] });
  const buf = join(repoRoot, "node_modules/.bin/buf");
  await rm(target, { recursive: true, force: true });
  await runCommand([buf, "generate", input, "--template", template], { what: `generating ${target}` });
}

async function containerdSources(into: string): Promise<void> {
  const cwd = join(repoRoot, "upstream/containerd");
  const find = ["go", "list", "-m", "-f", "{{.Dir}}", apiModule] as const;
  const module = (await runCommand([...find], { what: "looking for containerd's API", cwd })).trim();
  for (const proto of containerdProtos) {
    await mkdir(join(into, proto, ".."), { recursive: true });
    await cp(join(module, proto), join(into, proto));
  }
  await writeFile(join(into, "buf.yaml"), "version: v2\n");
}

const scratch = await mkdtemp(join(tmpdir(), "k0s-proto-"));
try {
  await containerdSources(scratch);
  await generate(scratch, join(repoRoot, "src/proto/containerd"));
  await generate(join(repoRoot, "build/proto/cri"), join(repoRoot, "src/proto/cri"));
  await generate(join(repoRoot, "build/proto/etcd"), join(repoRoot, "src/proto/etcd"));
} finally {
  await rm(scratch, { recursive: true, force: true });
}
