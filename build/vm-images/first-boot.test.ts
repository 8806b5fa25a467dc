// What the first boot does with what it is told, with the host's shell and a folder in place of the host.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../src/os/exec.ts";

let dir = "";
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "k0s-first-boot-"))));
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Runs it with these files; the programs note how they are called. */
async function boot(commandLine: string, files: Readonly<Record<string, string>> = {}, fails = false) {
  const note = (name: string): string =>
    `#!/bin/sh\necho "${name} $*" >>${dir}/calls\nexit ${fails ? 1 : 0}\n`;
  const all = {
    ...files,
    "proc/cmdline": `${commandLine}\n`,
    "bin/k0s": note("k0s"),
    "bin/systemctl": note("systemctl"),
    calls: "",
  };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text, { mode: path.startsWith("bin/") ? 0o755 : 0o644 });
  }
  const script = await readFile(join(import.meta.dir, "../../images/vm/first-boot.sh"), "utf8");
  const moved = script.replaceAll(/\/(etc|proc|var)\//g, `${dir}/$1/`);
  const env = { PATH: `${dir}/bin:/usr/bin:/bin` };
  const { code, stdout, stderr } = await run("/bin/sh", ["-c", moved], { env, timeoutMs: 10_000 });
  const calls = (await readFile(join(dir, "calls"), "utf8")).replaceAll(dir, "").trim().split("\n");
  return { code, said: `${stdout}${stderr}`, calls };
}
const isDone = (): Promise<boolean> => Bun.file(join(dir, "var/lib/k0s-first-boot/done")).exists();

test("files of cloud-init: a worker, whose token nobody else reads", async () => {
  const { code, calls } = await boot("root=LABEL=k0s-root", {
    "etc/k0s/role": "worker\n",
    "etc/k0s/token": "T",
  });
  expect(code).toBe(0);
  expect(calls).toEqual([
    "k0s install worker --token-file /etc/k0s/token",
    "systemctl start --no-block k0sworker.service",
  ]);
  expect((await stat(join(dir, "etc/k0s/token"))).mode & 0o777).toBe(0o600);
  expect(await isDone()).toBe(true);
});

test.each([
  ["controller", "controller"],
  ["controller+worker", "controller --enable-worker"],
  ["single", "controller --single"],
])("role %s, with a configuration", async (role, words) => {
  const { calls } = await boot(`k0s.role=${role}`, { "etc/k0s/k0s.yaml": "spec: {}\n" });
  expect(calls).toEqual([
    `k0s install ${words} --config /etc/k0s/k0s.yaml`,
    "systemctl start --no-block k0scontroller.service",
  ]);
});

test("the kernel's command line comes before files, and its last word counts", async () => {
  const config = Buffer.from("a: b\n").toString("base64");
  const line = `ro k0s.role=worker k0s.token=* k0s.config=${config} quiet k0s.role=controller`;
  const { calls } = await boot(line, { "etc/k0s/role": "single" });
  expect(calls[0]).toBe("k0s install controller --config /etc/k0s/k0s.yaml --token-file /etc/k0s/token");
  for (const [name, text] of [
    ["token", "*\n"],
    ["k0s.yaml", "a: b\n"],
  ] as const) {
    expect(await readFile(join(dir, "etc/k0s", name), "utf8")).toBe(text);
    expect((await stat(join(dir, "etc/k0s", name))).mode & 0o777).toBe(0o600);
  }
});

test("a configuration that the kernel has cut off is not taken for the whole", async () => {
  const config = Buffer.from("spec:\n  network: { podCIDR: 10.7.0.0/16 }\n").toString("base64");
  const { code, said, calls } = await boot(`k0s.role=controller k0s.config=${config.slice(0, 30)}`);
  expect([code, calls]).toEqual([1, [""]]);
  expect(said).toContain("was cut off: k0s is not installed");
  expect(await Bun.file(join(dir, "etc/k0s/k0s.yaml")).exists()).toBe(false);
  expect(await isDone()).toBe(false);
});

test("a command line that fills what the kernel takes was cut off, though its last word reads well", async () => {
  const config = Buffer.from(`spec:\n  network: { podCIDR: 10.7.0.0/16 }\n${"# words\n".repeat(400)}`);
  const said = [];
  for (const filler of ["", "ro ", "quiet ", "quiet ro "]) {
    const line = `${filler}k0s.role=controller k0s.config=${config.toString("base64")}`.slice(0, 2_047);
    said.push(await boot(line));
  }
  expect(said.map(({ code, calls }) => [code, calls])).toEqual(said.map(() => [1, [""]]));
  expect(said[0]?.said).toContain("cut off");
  expect(await Bun.file(join(dir, "etc/k0s/k0s.yaml")).exists()).toBe(false);
  const role = await boot("x=".padEnd(2_030, "y") + " k0s.role=controller+worker".slice(0, 17));
  expect([role.code, role.calls]).toEqual([1, [""]]);
});

test("without a role nothing happens, and the next boot asks again", async () => {
  const { code, said, calls } = await boot("quiet");
  expect([code, calls]).toEqual([0, [""]]);
  expect(said).toContain("k0s is not installed");
  expect(await isDone()).toBe(false);
});

test("a role that k0s does not have, and an installation that fails, are tried again", async () => {
  expect(await boot("k0s.role=master")).toMatchObject({ code: 1, calls: [""] });
  expect((await boot("k0s.role=worker", {}, true)).code).toBe(1);
  expect(await isDone()).toBe(false);
});
