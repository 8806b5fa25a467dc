// The packed file for real: a small one is made with the real launcher, started, staged from, damaged, run out of disk.
// Its runtime is a shell script, so that what is tested is the file and not Bun.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPayload } from "../../src/payload/payload.ts";
import { stageBinaries, startStagingBinaries } from "../../src/payload/stage-binaries.ts";
import { errno } from "../../src/std/errors.ts";
import { ensurePackages } from "../components/debian-packages.ts";
import { hostPlatform } from "../platform.ts";
import { assemble } from "./assemble.ts";
import { buildLauncher } from "./build-launcher.ts";
import { compressTree } from "./frames.ts";
import { stagedRuntime } from "./old-runtime.ts";
import { pseudoRandom } from "./pseudo-random.ts";
import type { PartTree } from "./part-tree.ts";

const signal = AbortSignal.timeout(120_000);
const asRoot = process.getuid?.() === 0;
const bigSize = 40 << 20;
const blob = Buffer.from("a layer of an image");
const digest = `sha256:${new Bun.CryptoHasher("sha256").update(blob).digest("hex")}`;
let dir = "";
let file = "";

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-pack-test-"));
  await chmod(dir, 0o755);
  file = await makeFile("k0s");
});

afterAll(() => rm(dir, { recursive: true, force: true }));

async function makeFile(name: string): Promise<string> {
  const source = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(dir, name), content);
    return join(dir, name);
  };
  const script =
    '#!/bin/sh\necho "self=$K0S_SELF name=$K0S_ARGV0 bun=$BUN_OPTIONS tuned=$BUN_JSC_useDFGJIT preload=$LD_PRELOAD"\n';
  const part = (name: string, kind: PartTree["kind"], path: string, from: string): PartTree => ({
    name,
    kind,
    version: "1",
    files: [{ path, source: from, mode: 0o755 }],
    ...(name === "multi" ? { filter: "x86-64" } : {}),
    links: name === "multi" ? [{ path: "one", target: "multi" }] : [],
  });
  const trees = [
    part("runtime", "runtime", "runtime", await source("script", script)),
    part("small", "component", "small", await source("small", "small\n")),
    part("multi", "component", "multi", await source("big", pseudoRandom(bigSize))),
  ];
  const options = { store: join(dir, "frames"), level: 1, signal };
  const parts = [];
  for (const tree of trees) parts.push(await compressTree(tree, options));
  const output = join(dir, name);
  await assemble(
    {
      launcher: await buildLauncher(hostPlatform(), { signal }),
      target: hostPlatform().id,
      version: "1",
      parts,
      images: [{ ref: "localhost/x:1", manifestDigest: digest, blobs: [digest] }],
      blobs: new Map([[digest, await source("blob", blob)]]),
    },
    output,
  );
  return output;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function start(command: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = Bun.spawn([...command], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", K0S_RUNTIME_ROOT: join(dir, "rt"), ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out: out.trim(), err: err.trim() };
}

/** The text of the error that it ends with. */
async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "",
    (err: unknown) => String(err),
  );
}

/** A copy of the file with one bit of a part the other way round. */
async function flipped(part: string): Promise<string> {
  await using payload = await openPayload(file);
  const place = payload.part(part);
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(place.offset + 20) ^ 1, place.offset + 20);
  const path = join(dir, `flipped-${part}`);
  await writeFile(path, bytes, { mode: 0o755 });
  return path;
}

describe.if(hostPlatform().arch === "amd64")("an old processor", () => {
  const start64 = async (model: string): Promise<Ran> => {
    await ensurePackages(["qemu-user-static"], hostPlatform().arch);
    return start(["qemu-x86_64-static", "-cpu", model, file]);
  };

  test.each([
    ["qemu64", "SSSE3, SSE4.1, SSE4.2, POPCNT"],
    ["kvm64", "SSSE3, SSE4.1, SSE4.2, POPCNT"],
    ["Penryn", "SSE4.2, POPCNT"],
  ])("%s is told what it lacks", async (model, features) => {
    const ran = await start64(model);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(`Error: this processor lacks ${features}, which k0s needs`);
    expect(ran.err).toContain("choose another processor model");
  });

  test.each(["Nehalem", "Opteron_G4"])("%s is new enough", async (model) => {
    expect(await start64(model)).toMatchObject({ code: 0 });
  });
});

describe("starting", () => {
  test("tells the runtime its path and name, and keeps what steers Bun and the loader from it", async () => {
    const ran = await start([file], { BUN_OPTIONS: "--x", BUN_JSC_useDFGJIT: "1", LD_PRELOAD: "" });
    expect(ran).toEqual({ code: 0, err: "", out: `self=${file} name=${file} bun= tuned=0 preload=` });
  });

  // What lies in it belongs to the data directory, through which the users of the control plane must pass.
  test("root's directories are open to everybody, whatever the umask", async () => {
    const parent = join(dir, "narrow");
    await start(["/bin/sh", "-c", `umask 027; exec ${file}`], { K0S_RUNTIME_ROOT: join(parent, "rt") });
    expect(((await stat(parent)).mode & 0o777).toString(8)).toBe("755");
  });

  // An exec by a thread that is not the first shows the process as a zombie: 92 of 150 starts did.
  test("whoever watches a start never sees it dead", async () => {
    const seen = new Set<string>();
    for (let count = 0; count < 150; count++) {
      const child = Bun.spawn([file], { env: { K0S_RUNTIME_ROOT: join(dir, "rt") }, stdout: "pipe" });
      const deadline = performance.now() + 10_000;
      for (let name = ""; name !== "runtime";) {
        const text = readFileSync(`/proc/${child.pid}/stat`, "latin1");
        name = /\((.*)\)/s.exec(text)?.[1] ?? "";
        if (name === "k0s") seen.add(/\) (\w)/.exec(text)?.[1] ?? "");
        if (performance.now() > deadline) throw new Error(`the runtime did not start: ${text}`);
      }
      expect(await child.exited).toBe(0);
    }
    expect(seen.size).toBeGreaterThan(0);
    expect([...seen]).not.toContain("Z");
  });

  test("four at once unpack one runtime", async () => {
    const K0S_RUNTIME_ROOT = join(dir, "together");
    const all = await Promise.all([1, 2, 3, 4].map(() => start([file], { K0S_RUNTIME_ROOT })));
    expect(all.map((ran) => ran.code)).toEqual([0, 0, 0, 0]);
    expect(await readdir(K0S_RUNTIME_ROOT)).toHaveLength(1);
  });

  test("an unpacked runtime that another user can change is not run", async () => {
    if (!asRoot) return;
    const open = join(dir, "open");
    await mkdir(open);
    await chmod(open, 0o777);
    const ran = await start([file], { K0S_RUNTIME_ROOT: join(open, "rt") });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain("writable by others");
  });

  test("another user unpacks into a cache of their own", async () => {
    if (!asRoot) return;
    const home = join(dir, "home");
    await mkdir(home);
    await chown(home, 12_345, 12_345);
    const user = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"];
    const ran = await start([...user, "env", "-u", "K0S_RUNTIME_ROOT", file], { HOME: home });
    expect(ran.code).toBe(0);
    expect((await stat(join(home, ".cache/k0s/runtime"))).uid).toBe(12_345);
  });

  test("old runtimes go, except those that are in use", async () => {
    const root = join(dir, "gc");
    const [unused, used] = ["a".repeat(64), "b".repeat(64)] as const;
    for (const name of [unused, used]) await stagedRuntime(root, name);
    const holder = Bun.spawn(["flock", "--shared", join(root, used), "sleep", "30"]);
    await Bun.sleep(200);
    await start([file], { K0S_RUNTIME_ROOT: root });
    holder.kill();
    const left = await readdir(root);
    expect(left).toContain(used);
    expect(left).not.toContain(unused);
  });

  test("old runtimes go also after their folder was moved behind a link", async () => {
    const [before, root] = [join(dir, "before"), join(dir, "moved")];
    await stagedRuntime(before, "1".repeat(64));
    await rename(before, root);
    await symlink(root, before);
    expect((await start([file], { K0S_RUNTIME_ROOT: before })).code).toBe(0);
    expect(await readdir(root)).not.toContain("1".repeat(64));
  });

  // Docker's folder of containers is full of such names.
  test("what others have in its folder stays, whatever its name", async () => {
    const root = join(dir, "foreign");
    const name = (letter: string) => letter.repeat(64);
    await mkdir(join(root, name("c")), { recursive: true });
    await writeFile(join(root, name("c"), "config.v2.json"), "{}");
    await mkdir(join(root, `${name("d").slice(1)}G`));
    await stagedRuntime(root, name("e"), { sha256: name("f") });
    await stagedRuntime(root, name("f"), { dir: "/usr" });
    await stagedRuntime(root, name("0"));
    await writeFile(join(root, name("0"), "somebody's"), "");
    const others = await readdir(root);
    expect((await start([file], { K0S_RUNTIME_ROOT: root })).code).toBe(0);
    expect(await readdir(root)).toEqual(expect.arrayContaining(others));
  });

  test.each([
    // Behind the launcher: what is cut shorter the kernel itself refuses, or kills.
    ["cut off", -1_000, /part "trailer": truncated, \d+ of \d+ bytes/],
    ["with something behind it", 5, /part "trailer"/],
  ])("a file %s is refused", async (name, more, message) => {
    const bytes = await readFile(file);
    const path = join(dir, `bad-${name.replaceAll(" ", "-")}`);
    const changed = more < 0 ? bytes.subarray(0, more) : Buffer.concat([bytes, Buffer.alloc(more)]);
    await writeFile(path, changed, { mode: 0o755 });
    const ran = await start([path]);
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(message);
  });

  test("one wrong bit in the runtime is refused, and nothing is left", async () => {
    const K0S_RUNTIME_ROOT = join(dir, "rt-flipped");
    const ran = await start([await flipped("runtime")], { K0S_RUNTIME_ROOT });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('damaged in part "runtime"');
    expect(existsSync(K0S_RUNTIME_ROOT)).toBe(false);
  });
});

describe("staging", () => {
  test("puts programs and links in place; the second time nothing is written", async () => {
    const binDir = join(dir, "bin");
    await using payload = await openPayload(file);
    await stageBinaries(payload, { binDir, signal });
    const before = await stat(join(binDir, "multi"), { bigint: true });
    expect((await stat(join(binDir, "one"), { bigint: true })).ino).toBe(before.ino);
    await stageBinaries(payload, { binDir, signal });
    expect((await stat(join(binDir, "multi"), { bigint: true })).ino).toBe(before.ino);
    await writeFile(join(binDir, "small"), "changed");
    await stageBinaries(payload, { binDir, signal });
    expect(await readFile(join(binDir, "small"), "utf8")).toBe("small\n");
  });

  test("four at once leave one whole result", async () => {
    const binDir = join(dir, "bin-together");
    await using payload = await openPayload(file);
    await Promise.all([1, 2, 3, 4].map(() => stageBinaries(payload, { binDir, signal })));
    expect((await readdir(binDir)).sort()).toEqual([
      ".part-multi.json",
      ".part-small.json",
      "multi",
      "one",
      "small",
    ]);
    expect(await readFile(join(binDir, "multi"))).toEqual(await readFile(join(dir, "big")));
  });

  test("a program can be waited for by any of its names", async () => {
    await using payload = await openPayload(file);
    const staging = startStagingBinaries(payload, {
      binDir: join(dir, "bin-ready"),
      names: ["one", "small"],
      signal,
    });
    await staging.ready("one");
    expect((await stat(join(dir, "bin-ready", "multi"))).size).toBe(bigSize);
    await staging.done;
  });

  test("one wrong bit is refused by name of the part, and the old program stays", async () => {
    const binDir = join(dir, "bin-flipped");
    await mkdir(binDir);
    await writeFile(join(binDir, "multi"), "old");
    await using payload = await openPayload(await flipped("multi"));
    expect(await failure(stageBinaries(payload, { binDir, names: ["multi"], signal }))).toContain(
      'part "multi"',
    );
    expect(await readdir(binDir)).toEqual(["multi"]);
    expect(await readFile(join(binDir, "multi"), "utf8")).toBe("old");
  });

  test("a full disk stays as it is, and the missing bytes are said", async () => {
    if (!asRoot) return;
    const small = join(dir, "small-disk");
    await mkdir(small);
    const steps = JSON.stringify([{ part: "multi", dir: join(small, "bin") }]);
    const script = `mount -t tmpfs -o size=16m none ${small} && echo '${steps}' | ${file}; find ${small}`;
    const ran = await start(["unshare", "--mount", "sh", "-c", script], { K0S_LAUNCHER: "unpack" });
    expect(ran.out).toMatch(/"code":"no-space".*"missing":25\d{6}/);
    expect(ran.out.split("\n").slice(1)).toEqual([small, join(small, "bin")]);
  });

  test("takes less than 100 MiB", async () => {
    const steps = join(dir, "steps.json");
    await writeFile(steps, JSON.stringify([{ part: "multi", dir: join(dir, "bin-memory") }]));
    const child = Bun.spawn([file], {
      env: { K0S_LAUNCHER: "unpack" },
      stdin: Bun.file(steps),
      stdout: "ignore",
    });
    // Not resourceUsage(): its peak includes our own memory, which the child has until it execs.
    let peak = 0;
    while (child.exitCode === null) {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(
        // It may end while we look.
        (err: unknown) => (["ENOENT", "ESRCH"].includes(errno(err) ?? "") ? "" : Promise.reject(err)),
      );
      if (status.startsWith("Name:\tk0s"))
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      await Bun.sleep(2);
    }
    expect(child.exitCode).toBe(0);
    expect(peak).toBeGreaterThan(8 << 10);
    expect(peak).toBeLessThan(100 << 10);
  });

  test("a file that was replaced meanwhile is noticed", async () => {
    const moving = join(dir, "moving");
    await copyFile(file, moving);
    await using payload = await openPayload(moving);
    const other = { ...payload, indexSha256: "0".repeat(64) };
    expect(await failure(stageBinaries(other, { binDir: join(dir, "bin-moving"), signal }))).toContain(
      "not the file any more",
    );
  });
});

test("damage is found before anything is unpacked, and named", async () => {
  await using whole = await openPayload(file);
  await whole.verify(signal);
  for (const part of ["runtime", "multi"]) {
    await using payload = await openPayload(await flipped(part));
    expect(await failure(payload.verify(signal))).toContain(`damaged in part "${part}"`);
  }
});

describe("image blobs", () => {
  test("are streamed and verified", async () => {
    await using payload = await openPayload(file);
    const found = await payload.openBlob(digest);
    expect(await new Response(found?.stream()).text()).toBe(blob.toString());
    expect(await payload.openBlob("sha256:unknown")).toBeUndefined();
    expect(payload.images[0]?.ref).toBe("localhost/x:1");
  });

  test("a damaged one errors before its last bytes", async () => {
    const bytes = await readFile(file);
    const at = bytes.indexOf(blob);
    bytes.writeUInt8(0, at);
    const path = join(dir, "bad-blob");
    await writeFile(path, bytes);
    await using payload = await openPayload(path);
    const found = await payload.openBlob(digest);
    expect(await failure(new Response(found?.stream()).text())).toContain("damaged");
    expect(await failure(payload.verify(signal))).toContain(`image blob ${digest}`);
  });
});

test("the same inputs give the same bytes", async () => {
  expect(await readFile(await makeFile("again"))).toEqual(await readFile(file));
});
