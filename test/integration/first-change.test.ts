// Takes each step of docs/contributing/first-change.md in a copy of the checkout: writes its files, makes its changes, runs its
// commands, and looks for what it says is there then. Here and not among the unit tests, since it runs all checks. What
// the page does on a machine is not run: it would have to be built. Nor are the checks before the first change: they are those of
// the checkout.

import { afterAll, beforeAll, describe, test } from "bun:test";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../src/os/exec.ts";
import { describeEnd } from "../../src/std/program-end.ts";
import { expectHunks, type Step, walkSteps, withHunks } from "../docs/walk.ts";

const top = join(import.meta.dir, "../..");
const page = await readFile(join(top, "docs/contributing/first-change.md"), "utf8");
const commandLimitMs = 500_000;
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "k0s-first-change-"));
  const left = [".git", "dist", "node_modules"].map((name) => join(top, name));
  await cp(top, copy, { recursive: true, filter: (path) => !left.includes(path) });
  await symlink(join(top, "node_modules"), join(copy, "node_modules"));
}, 60_000);

afterAll(() => rm(copy, { recursive: true, force: true }));

describe("the walk", () => {
  let failed: string | undefined;
  const all = walkSteps(page).filter((step) => !isForMachine(step));
  const steps = all.slice(all.findIndex(({ kind }) => kind !== "command"));
  test.each(steps.map((step) => [titleOf(step), step] as const))("%s", async (title, step) => {
    if (failed !== undefined) throw new Error(`not taken: ${failed} failed`);
    failed = title;
    await take(step);
    failed = undefined;
  });
});

function isForMachine(step: Step): boolean {
  return step.kind === "command" && /^(?:make build$|sudo )/.test(step.line);
}

function titleOf(step: Step): string {
  return step.kind === "command" ? step.line : `${step.kind} ${step.path}`;
}

async function take(step: Step): Promise<void> {
  if (step.kind === "command") return await obey(step.line);
  const path = join(copy, step.path);
  if (step.kind === "file") {
    await mkdir(dirname(path), { recursive: true });
    return await writeFile(path, step.text, { flag: "wx" });
  }
  const text = await readFile(path, "utf8");
  if (step.kind === "seen") return expectHunks(text, step.hunks, step.path);
  await writeFile(path, withHunks(text, step.hunks, step.path));
}

async function obey(line: string): Promise<void> {
  // make would install into node_modules, which are those of the checkout; and bun's limit is for a machine at rest.
  const command = line
    .replace(/^make check$/, "bun build/check/check.ts")
    .replace("bun test ", "bun test --timeout=120000 ");
  if (!/^(?:UPDATE_GOLDEN=1 )?bun /.test(command)) throw new Error(`nobody knows how to run ${line}`);
  const result = await run("sh", ["-c", command], { cwd: copy, timeoutMs: commandLimitMs });
  if (result.code !== 0) throw new Error(`${line} ${describeEnd(result)}\n${result.stdout}${result.stderr}`);
}
