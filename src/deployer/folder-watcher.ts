// Tells which stack folders changed. Events come at once; a slow poll finds what events miss: folders behind symbolic
// links, network file systems, a <manifests> that was deleted and made again.

import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { isWatchLimit } from "../os/directory-change.ts";
import { errorMessage, isNotFound } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { pause } from "../std/wait.ts";
import { folderIdentityAt } from "./folder-identity.ts";
import { isManifestName, listManifests, listStackFolders } from "./stack-files.ts";

export interface FolderWatcherOptions {
  readonly manifestsDir: string;
  readonly log: Logger;
  /**
   * Called with the name of a folder (or file) that was added, changed or removed, and whether a file was written into,
   * which may not be finished, or put there or taken away as a whole. May be called more often than needed.
   */
  readonly onChange: (stack: string, change: "replaced" | "written") => void;
  readonly pollMs?: number;
}

const defaultPollMs = 10_000;

/** Watches until the signal aborts. Reports only changes; the caller lists the folders that exist at the start. */
export async function watchFolders(options: FolderWatcherOptions, signal: AbortSignal): Promise<void> {
  const { manifestsDir, log, onChange, pollMs = defaultPollMs } = options;
  let events: { watcher: FSWatcher; folder: string } | undefined;
  let polling = false;
  const close = (): void => {
    events?.watcher.close();
    events = undefined;
  };

  /** Undefined when the kernel has no watch left: the poll still finds everything, only later. */
  const openEvents = (): FSWatcher | undefined => {
    try {
      return watch(manifestsDir, { recursive: true }, (event, file) => {
        const [stack = "", name] = file?.toString().split(sep, 2) ?? [];
        // What a program writes beside the manifest that it puts in place then.
        const isNoManifest = name !== undefined && event === "change" && !isManifestName(name);
        if (stack !== "" && !isNoManifest) onChange(stack, event === "rename" ? "replaced" : "written");
      });
    } catch (err) {
      if (!isWatchLimit(err)) throw err;
      if (!polling) log.warn("Cannot watch manifests, polling instead", { err: errorMessage(err), pollMs });
      polling = true;
      return undefined;
    }
  };

  /** The watch follows the directory, not its path, so one that was replaced needs a new one. */
  const ensureEvents = async (): Promise<void> => {
    const folder = await identityOf(manifestsDir);
    if (folder === events?.folder) return;
    close();
    if (folder === undefined) return;
    const watcher = openEvents();
    if (watcher === undefined) return;
    watcher.on("error", (err) => {
      log.warn("Watching manifests failed, polling goes on", { err: errorMessage(err) });
      close();
    });
    events = { watcher, folder };
  };

  try {
    await ensureEvents();
    let before = await snapshot(manifestsDir);
    while (!signal.aborted) {
      await pause(pollMs, signal);
      if (signal.aborted) break;
      try {
        await ensureEvents();
        const now = await snapshot(manifestsDir);
        for (const stack of new Set([...before.keys(), ...now.keys()])) {
          if (before.get(stack) !== now.get(stack)) onChange(stack, "written");
        }
        before = now;
      } catch (err) {
        log.warn("Cannot look at the manifests", { err: errorMessage(err) });
      }
    }
  } finally {
    close();
  }
}

/** Folder → names, sizes and times of its manifests. */
async function snapshot(manifestsDir: string): Promise<Map<string, string>> {
  const result = new Map<string, string>();
  for (const stack of (await listStackFolders(manifestsDir)) ?? []) {
    const lines: string[] = [];
    for (const name of await listManifests(join(manifestsDir, stack))) {
      lines.push(`${name} ${await fileMark(join(manifestsDir, stack, name))}`);
    }
    result.set(stack, lines.join("\n"));
  }
  return result;
}

async function fileMark(path: string): Promise<string> {
  try {
    // The time of the last change: that of the last write is copied with a file.
    const { size, ctimeNs, ino } = await stat(path, { bigint: true });
    return `${size} ${ctimeNs} ${ino}`;
  } catch (err) {
    if (isNotFound(err)) return "gone";
    throw err;
  }
}

async function identityOf(path: string): Promise<string | undefined> {
  try {
    const info = await stat(path, { bigint: true });
    // A directory that was mounted over another one may have its inode and, where none is known, its birth.
    return `${info.dev} ${await folderIdentityAt(path, info)}`;
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}
