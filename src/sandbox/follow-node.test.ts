import { expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processInfo } from "../os/processes.ts";
import type { Progress } from "../std/progress.ts";
import { progressLines } from "../std/progress-lines.ts";
import { followNode } from "./follow-node.ts";

function recorder(): { said: string[]; progress: Progress } {
  const said: string[] = [];
  const progress: Progress = {
    step: (name) => ({
      done: (detail) => said.push(`${name}: done ${detail ?? ""}`),
      fail: (err) => said.push(`${name}: ${String(err)}`),
    }),
    wait: (text) => said.push(`wait ${text}`),
    ready: (text) => said.push(`ready ${text}`),
  };
  return { said, progress };
}

async function following(
  work: (file: string, node: Bun.Subprocess, said: string[]) => Promise<void>,
  seconds: string,
) {
  const dir = mkdtempSync(join(tmpdir(), "k0s-follow-"));
  const node = Bun.spawn(["sleep", seconds]);
  const { said, progress } = recorder();
  try {
    const file = join(dir, "progress");
    writeFileSync(file, "");
    const info = await processInfo(node.pid);
    const followed = followNode({ node: info!, file, progress, signal: AbortSignal.timeout(4_000) });
    await Promise.all([followed, work(file, node, said)]);
    return said;
  } finally {
    node.kill("SIGKILL");
    rmSync(dir, { recursive: true });
  }
}

test("steps are passed on until the cluster is ready", async () => {
  const said = await following(async (file) => {
    const lines = progressLines((text) => appendFileSync(file, text));
    const step = lines.step("node m0 Ready");
    lines.wait("kubelet");
    await Bun.sleep(80);
    step.done("2 pods");
    lines.ready("done");
  }, "10");
  expect(said).toEqual(["wait kubelet", "node m0 Ready: done 2 pods"]);
});

test("a node that ends first is an error with its last words", async () => {
  const failed = following(async (file) => appendFileSync(file, "Error: port 6443 is in use\n"), "0.1");
  expect(String(await failed.catch((err: unknown) => err))).toContain("port 6443 is in use");
});
