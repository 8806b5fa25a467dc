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

test("containers of ours, and creations that were killed", async () => {
  container("0a", { "state.json": state("/run/k0s/tasks/0a") });
  container("0b", { "state.json": state("/run/k0s/tasks/0b") });
  container("0c", { "state.json": state("/run/other/tasks/0c") });
  container("0d", { "exec.fifo": "" });
  container("0e", {});
  container("0f", { "exec.fifo": "", "of somebody else": "" });
  const found = await runcDirectories({ ids: ["0a"], bundlesDir: "/run/k0s/tasks" }, dir);
  expect(found.toSorted()).toEqual(["0a", "0b", "0d", "0e"].map((id) => join(dir, id)));
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
