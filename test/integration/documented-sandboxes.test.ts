// The example of docs/sandboxes.md as a reader runs it: three controllers, two workers, one controller ended. Only the
// names are others, so that the sandboxes of the person who runs the tests are not touched.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../src/os/exec.ts";
import { assertNoCrash, CrashError, describeEnd } from "../../src/std/program-end.ts";
import { pollUntil } from "../../src/std/wait.ts";
import { documentedCommands } from "../docs/documented-commands.ts";

const top = join(import.meta.dir, "../..");
const k0s = join(top, "dist/k0s");
const name = `docs-${process.pid}`;
const page = "docs/sandboxes.md";
let commands: ReturnType<typeof documentedCommands>;

beforeAll(async () => {
  commands = documentedCommands(page, await Bun.file(join(top, page)).text());
});

afterAll(async () => {
  if (existsSync(`/run/k0s-sandbox/${name}`))
    await run(k0s, ["sandbox", "delete", name], { timeoutMs: 120_000 });
}, 180_000);

/** Runs the command of the page that begins so; returns what it printed. */
async function asDocumented(...beginning: readonly string[]): Promise<string> {
  const command = commands.find(({ words }) => beginning.every((word, at) => words[at + 1] === word));
  if (command === undefined) throw new Error(`${page} has no command k0s ${beginning.join(" ")}`);
  const args = command.words.slice(1).map((word) => word.replace(/^big(?=\/|$)/, name));
  const result = await run(k0s, args, { timeoutMs: 500_000 });
  assertNoCrash(`k0s ${args.join(" ")}`, result, `${result.stdout}${result.stderr}`);
  if (result.code === 0) return result.stdout;
  throw new Error(`k0s ${args.join(" ")} ${describeEnd(result)}\n${result.stdout}${result.stderr}`);
}

test("a cluster of three controllers and two workers: made, looked at, one controller ended, deleted", async () => {
  await asDocumented("sandbox", "create", "big", "--controllers", "3", "--workers", "2");
  expect(await asDocumented("sandbox", "status", "big")).toContain("controller2");

  const nodes = (await asDocumented("sandbox", "exec", "big", "--", "k0s", "kubectl", "get", "nodes")).trim();
  expect(
    nodes
      .split("\n")
      .slice(1)
      .map((line) => line.split(/\s+/).slice(0, 2)),
  ).toEqual([
    ["worker0", "Ready"],
    ["worker1", "Ready"],
  ]);
  expect(await asDocumented("sandbox", "exec", "big/worker0", "--", "k0s", "status")).toContain("worker");

  // "… so that you can end a controller and see what happens".
  await asDocumented("sandbox", "exec", "big/controller1", "--", "k0s", "stop");
  // If it led etcd, a read may fail until the others have a leader.
  const after = await pollUntil(
    () => asDocumented("sandbox", "exec", "big", "--", "k0s", "kubectl", "get", "nodes"),
    {
      what: "nodes of the cluster with two controllers",
      intervalMs: 1_000,
      timeoutMs: 200_000,
      fatal: (err) => err instanceof CrashError,
    },
  );
  expect(after).toContain("worker1");

  await asDocumented("sandbox", "delete", "big");
  expect(existsSync(`/run/k0s-sandbox/${name}`)).toBe(false);
  expect(existsSync(`/var/lib/k0s-sandbox/${name}`)).toBe(false);
}, 600_000);
