// The programs of the file under test, unpacked once a checkout: machines of `make test` begin as a host does on which k0s was
// started before, by links to the same files. Unpacking takes one and a half seconds of a processor on each of them.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { removeTree } from "../../src/os/removal.ts";
import { run, runOrThrow } from "../../src/os/exec.ts";
import { openPayload } from "../../src/payload/payload.ts";
import type { PayloadPart } from "../../src/payload/index-schema.ts";
import type { K0sStart } from "./k0s-start.ts";
import type { TestMachine } from "./test-machine.ts";

const dataDir = "/var/lib/k0s";
const binDir = `${dataDir}/bin`;

/** In the environment of the files of `make test`: others, where a program may be damaged in its place, unpack their own. */
export const stagedVariable = "TEST_STAGED_PROGRAMS";

interface Programs {
  /** Of this file alone: named by what it holds. */
  readonly store: string;
  readonly components: readonly PayloadPart[];
}

let read: Promise<Programs> | undefined;

function programsOf(file: string): Promise<Programs> {
  read ??= (async () => {
    await using payload = await openPayload(file);
    return {
      store: join(dirname(file), "test-programs", payload.indexSha256),
      components: payload.index.parts.filter(({ kind }) => kind === "component"),
    };
  })();
  return read;
}

/** Unpacks them in a machine, where their paths are those of every machine, if that has not been done for this file. */
export async function stagePrograms(file: string, machineOf: () => Promise<TestMachine>): Promise<void> {
  const { store, components } = await programsOf(file);
  if (existsSync(store)) return;
  await removeTree(dirname(store));
  await mkdir(dirname(store), { recursive: true });
  const machine = await machineOf();
  await machine.k0s("version");
  const steps = components.map(({ name }) => ({ part: name, dir: binDir, own: false, uid: 0, gid: 0 }));
  await machine.ok(["k0s"], { env: { K0S_LAUNCHER: "unpack" }, input: JSON.stringify(steps) });
  const part = await mkdtemp(join(dirname(store), "part-"));
  await runOrThrow("cp", ["-a", machine.hostPath(binDir), machine.hostPath(`${dataDir}/runtime`), part]);
  await rename(part, store);
}

/** What `k0s controller` or `k0s worker` runs is there before its first start, if it was staged, and on no machine that has some of it. */
export async function giveStagedPrograms(file: string, disk: string, start: K0sStart): Promise<void> {
  if (process.env[stagedVariable] === undefined) return;
  const { store, components } = await programsOf(file);
  const target = join(disk, "lib/k0s");
  if (!existsSync(store) || existsSync(join(target, "bin"))) return;
  const { args = [], role } = start;
  if (args.some((arg) => arg.startsWith("--data-dir"))) return;
  const isNode = role === "worker" || args.some((arg) => arg === "--single" || arg === "--enable-worker");
  const wanted = new Set([
    "kubernetes",
    ...(role === "controller" ? ["etcd", "kine", "konnectivity"] : []),
    ...(isNode ? ["containerd", "runc"] : []),
  ]);
  const names = components
    .filter(({ name }) => wanted.has(name))
    .flatMap(({ name, files, links }) => [
      `.part-${name}.json`,
      ...[...files, ...links].map(({ path }) => path),
    ]);
  await mkdir(join(target, "bin"), { recursive: true, mode: 0o755 });
  await linkOrCopy(
    names.map((name) => join(store, "bin", name)),
    join(target, "bin"),
  );
  const runtimes = join(target, "runtime");
  await mkdir(runtimes, { recursive: true, mode: 0o755 });
  const missing = await namesMissing(join(store, "runtime"), runtimes);
  await linkOrCopy(
    missing.map((name) => join(store, "runtime", name)),
    runtimes,
  );
}

async function namesMissing(from: string, to: string): Promise<string[]> {
  const there = new Set(await readdir(to));
  return (await readdir(from)).filter((name) => !there.has(name));
}

/** Links, which no other file system takes. */
async function linkOrCopy(paths: readonly string[], dir: string): Promise<void> {
  if (paths.length === 0) return;
  const linked = await run("cp", ["-a", "--link", "--force", ...paths, dir]);
  if (linked.code !== 0) await runOrThrow("cp", ["-a", "--force", ...paths, dir]);
}
