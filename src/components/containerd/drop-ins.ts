// Follows /etc/k0s/containerd.d while containerd runs: valid changes are adopted at once, wrong ones are reported and leave
// the running containerd alone. Upstream: pkg/component/worker/containerd/component.go.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readFileIfExists } from "../../os/files.ts";
import { nextChange } from "../../os/directory-change.ts";
import type { DropInFile } from "./drop-in-faults.ts";
import { errorMessage, isNotFound } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { sleep } from "../../std/wait.ts";

export interface DropInsOptions {
  readonly dir: string;
  readonly log: Logger;
  /** What is wrong with the configuration as it is now; undefined if nothing is. */
  readonly problem: (signal: AbortSignal) => Promise<string | undefined>;
  readonly adopt: (signal: AbortSignal) => Promise<void>;
}

/** Several files may be written one after the other. */
const settleMs = 1_000;

/** Follows changes since `start` until the signal aborts. */
export async function followDropIns(
  options: DropInsOptions,
  start: string,
  signal: AbortSignal,
): Promise<never> {
  const { dir, log } = options;
  let files: Seen = { adopted: start, latest: start };
  for (;;) {
    const changed = nextChange(dir, signal);
    try {
      files = await followOne(options, files, signal);
    } catch (err) {
      signal.throwIfAborted();
      log.warn("Cannot adopt the drop-in files of containerd, trying again", { dir, err: errorMessage(err) });
    }
    await changed;
    signal.throwIfAborted();
  }
}

interface Seen {
  /** What containerd runs with. */
  readonly adopted: string;
  /** The same, or what was refused. */
  readonly latest: string;
}

async function followOne(options: DropInsOptions, files: Seen, signal: AbortSignal): Promise<Seen> {
  const { dir, log } = options;
  let latest = await dropInMarks(dir);
  if (latest === files.latest) return files;
  for (let before = files.latest; before !== latest; latest = await dropInMarks(dir)) {
    before = latest;
    await sleep(settleMs, signal);
  }
  if (latest === files.adopted) return { ...files, latest };
  const problem = await options.problem(signal);
  if (problem !== undefined) {
    log.error("Drop-in files of containerd are wrong, it goes on with the earlier ones", { dir, problem });
    return { ...files, latest };
  }
  log.info("Drop-in files of containerd changed, starting it again", { dir });
  await options.adopt(signal);
  return { adopted: latest, latest };
}

/** Names, sizes and times of the files: equal if and only if nothing changed. */
export async function dropInMarks(dir: string): Promise<string> {
  const marks: string[] = [];
  for (const name of (await namesIn(dir)).filter((name) => name.endsWith(".toml")).toSorted()) {
    const info = await stat(join(dir, name)).catch(unlessGone);
    if (info !== undefined) marks.push(`${name} ${info.size} ${info.mtimeMs} ${info.ino}`);
  }
  return marks.join("\n");
}

/** Those that containerd reads, in its order; without what is no file, and what it imports itself. */
export async function dropInFiles(dir: string): Promise<readonly DropInFile[]> {
  const files: DropInFile[] = [];
  for (const name of (await namesIn(dir)).filter((one) => one.endsWith(".toml")).toSorted()) {
    const path = join(dir, name);
    const text = await readFileIfExists(path);
    if (text !== undefined) files.push({ path, text });
  }
  return files;
}

async function namesIn(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(unlessGone)) ?? [];
}

function unlessGone(err: unknown): undefined {
  if (isNotFound(err)) return undefined;
  throw err;
}
