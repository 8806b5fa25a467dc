// Where a restore reads its archive: it is read twice, so standard input becomes a file.

import { open } from "node:fs/promises";
import { nearestExisting } from "../../os/disk-space.ts";
import { statIfExists, writeFailure } from "../../os/files.ts";
import { type NewFileSystem, newFileSystem } from "../../os/new-file.ts";
import { removeFile } from "../../os/removal.ts";
import { temporaryName } from "../../os/temporary-files.ts";
import { UserError } from "../../std/errors.ts";
import { untilAborted } from "../../std/wait.ts";
import type { CliIo } from "../core/io.ts";

export interface ArchiveSource extends AsyncDisposable {
  readonly path: string;
}

/** `near` is the data directory, which need not be there: its disk is the one that has room for what is in the archive. */
export async function archiveSource(
  given: string,
  near: string,
  io: Pick<CliIo, "terminal" | "signal">,
): Promise<ArchiveSource> {
  if (given !== "-") {
    if ((await statIfExists(given))?.isFile() === true)
      return { path: given, [Symbol.asyncDispose]: () => Promise.resolve() };
    throw new UserError(`there is no file ${given}`, { code: "no-file" });
  }
  if (io.terminal.stdin)
    throw new UserError("the archive is not read from a terminal", {
      code: "terminal",
      hint: "Name a file.",
    });
  return namelessFile(Bun.stdin.stream(), near, io.signal);
}

/** It holds every key of the cluster, and is gone as soon as nobody has it open, however this process ends. */
export async function namelessFile(
  input: ReadableStream<Uint8Array>,
  near: string,
  signal: AbortSignal,
  system: Pick<NewFileSystem, "openUnnamed"> = newFileSystem,
): Promise<ArchiveSource> {
  const dir = await nearestExisting(near);
  try {
    const file = (await system.openUnnamed(dir)) ?? (await openAndForget(dir));
    try {
      const reader = input.getReader();
      // Who sends may be silent for good.
      const aborted = untilAborted(signal);
      for (;;) {
        const read = await Promise.race([reader.read(), aborted]);
        signal.throwIfAborted();
        if (read?.value === undefined) break;
        await file.appendFile(read.value);
      }
    } catch (err) {
      await file.close();
      throw err;
    }
    return { path: `/proc/self/fd/${file.fd}`, [Symbol.asyncDispose]: () => file.close() };
  } catch (err) {
    throw writeFailure(dir, err);
  }
}

/** Without its name before anything is in it. */
async function openAndForget(dir: string): ReturnType<typeof open> {
  const name = temporaryName(`${dir}/k0s-restore`);
  const file = await open(name, "wx+", 0o600);
  await removeFile(name);
  return file;
}
