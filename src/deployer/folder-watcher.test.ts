import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pollUntil } from "../std/wait.ts";
import { recordingLog } from "../supervisor/testdata/recording-log.ts";
import { watchFolders } from "./folder-watcher.ts";

let manifestsDir = "";
beforeEach(() => (manifestsDir = mkdtempSync(join(tmpdir(), "k0s-manifests-"))));
afterEach(() => rmSync(manifestsDir, { recursive: true, force: true }));

/** Polls too rarely to tell anything by that. */
async function watching(work: (changes: string[]) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const changes: string[] = [];
  const onChange = (stack: string, change: string) => void changes.push(`${stack} ${change}`);
  const options = { manifestsDir, log: recordingLog([]), onChange, pollMs: 600_000 };
  const watched = watchFolders(options, stopping.signal);
  // The watch is set up by then: the kernel tells of nothing that was before.
  writeFileSync(join(manifestsDir, "ready"), "");
  await pollUntil(
    async () => {
      writeFileSync(join(manifestsDir, "ready"), "again");
      return changes.length > 0;
    },
    { what: "the watch", intervalMs: 10, timeoutMs: 20_000 },
  );
  try {
    await work(changes);
  } finally {
    stopping.abort();
    await watched;
  }
}

test("a manifest that is put in place whole does not wait for what was written beside it", async () => {
  const folder = join(manifestsDir, "app");
  mkdirSync(folder);
  await watching(async (changes) => {
    writeFileSync(join(folder, ".new"), "kind: ConfigMap");
    writeFileSync(join(folder, "notes.txt"), "not a manifest");
    renameSync(join(folder, ".new"), join(folder, "app.yaml"));
    await pollUntil(() => changes.filter((change) => change === "app replaced").length >= 2, {
      what: "the change",
      intervalMs: 10,
      timeoutMs: 20_000,
    });
    expect(changes).not.toContain("app written");
    writeFileSync(join(folder, "app.yaml"), "kind: Secret");
    await pollUntil(() => changes.includes("app written"), {
      what: "the write",
      intervalMs: 10,
      timeoutMs: 20_000,
    });
  });
});
