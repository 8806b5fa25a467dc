import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runcDirectories } from "./observe-runc.ts";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "runc-"));
});

afterEach(() => rmSync(dir, { recursive: true }));

function container(id: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(dir, id));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, id, name), text);
}

const state = (bundle: string): string =>
  JSON.stringify({ config: { labels: [`bundle=${bundle}`, "io.kubernetes.pod.name=a"] } });

const found = async (bundlesDir = "/run/k0s/tasks"): Promise<readonly string[]> =>
  (await runcDirectories({ ids: ["0a"], bundlesDir }, dir))
    .map((path) => path.slice(dir.length + 1))
    .toSorted();

test("containers of ours, and creations that were killed", async () => {
  container("0a", { "state.json": state("/run/k0s/tasks/0a") });
  container("0b", { "state.json": state("/run/k0s/tasks/0b") });
  container("0d", { "exec.fifo": "" });
  container("0e", {});
  expect(await found()).toEqual(["0a", "0b", "0d", "0e"]);
});

test.each([
  ["a container of another runtime", { "state.json": state("/run/other/tasks/0c") }],
  ["something else", { "exec.fifo": "", "of somebody else": "" }],
])("beside %s only what names us is ours", async (_, files) => {
  container("0b", { "state.json": state("/run/k0s/tasks/0b") });
  container("0c", files);
  container("0d", { "exec.fifo": "" });
  expect(await found()).toEqual(["0a", "0b"]);
});

test("without a directory of ours nothing more is", async () => {
  container("0c", { "state.json": state("/run/other/tasks/0c") });
  container("0d", { "exec.fifo": "" });
  expect(await found("")).toEqual(["0a"]);
});

test("a creation that goes on is left alone", async () => {
  container("4f1d", { "exec.fifo": "" });
  const creating = Bun.spawn(["sh", "-c", "read -r _", "runc", "create", "4f1d"], { stdin: "pipe" });
  try {
    expect(await runcDirectories({ ids: [], bundlesDir: "/run/k0s/tasks" }, dir)).toEqual([]);
  } finally {
    creating.kill();
    await creating.exited;
  }
});
