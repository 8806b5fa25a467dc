// A cluster that cannot get ready: making it ends with the reason, in time; what is kept is shown as it is.

import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../src/os/exec.ts";
import type { SandboxReport } from "../../../src/sandbox/list-sandboxes.ts";

const k0s = join(import.meta.dir, "../../../dist/k0s");
const name = `hopeless-${process.pid}`;

afterAll(async () => {
  if (existsSync(`/run/k0s-sandbox/${name}`))
    await run(k0s, ["sandbox", "delete", name], { timeoutMs: 120_000 });
}, 180_000);

test("a flag that kube-scheduler does not know ends the creation with that sentence", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-hopeless-"));
  try {
    const config = join(dir, "k0s.yaml");
    await writeFile(config, 'spec: {scheduler: {extraArgs: {no-such-flag: "1"}}}\n');
    const made = await run(k0s, ["sandbox", "create", name, "--keep", "--config", config], {
      timeoutMs: 240_000,
    });
    expect(made.code).toBe(1);
    expect(made.stderr).toContain("kube-scheduler");
    expect(made.stderr).toContain("unknown flag: --no-such-flag");
    expect(made.stderr).not.toContain("    at ");
  } finally {
    await rm(dir, { recursive: true });
  }
}, 300_000);

test("the kept sandbox is shown as what it is", async () => {
  const { stdout } = await run(k0s, ["sandbox", "list", "-o", "json"], { timeoutMs: 60_000 });
  const sandbox = (JSON.parse(stdout) as SandboxReport[]).find((one) => one.name === name);
  const status = await run(k0s, ["sandbox", "status", name], { timeoutMs: 60_000 });
  expect(status.code).toBe(1);
  expect(status.stdout).toMatch(/✖ kube-scheduler is backing off: exited with code 1 .*unknown flag/);
  // k0s goes on without what nothing else waits for.
  expect(sandbox?.state).toBe("running");
  expect(sandbox?.controller).toBe(name);
});
