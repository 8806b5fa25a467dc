// Where a bundle goes: into a file, which gets its name when it is whole, or to standard output.

import { writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { renameFile, statIfExists } from "../../os/files.ts";
import { removeFile } from "../../os/removal.ts";
import { temporaryName } from "../../os/temporary-files.ts";
import { errno, errorMessage, UserError } from "../../std/errors.ts";

type Content = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What lies there is replaced once everything is written; a device or a pipe is written to. */
export async function writeToFile(path: string, content: Content, signal: AbortSignal): Promise<void> {
  const there = await statIfExists(path);
  if (there?.isDirectory() === true)
    throw new UserError(`${path} is a directory`, {
      code: "output",
      hint: "--output names the file to write.",
    });
  if (there !== undefined && !there.isFile()) return writeInto(path, "w", content, signal);
  const temporary = temporaryName(path);
  try {
    await writeInto(temporary, "wx", content, signal);
    await renameFile(temporary, path);
  } catch (err) {
    await removeFile(temporary);
    throw err;
  }
}

async function writeInto(path: string, flags: string, content: Content, signal: AbortSignal): Promise<void> {
  await using file = await open(path, flags, 0o644);
  for await (const chunk of content) {
    signal.throwIfAborted();
    // All of it: `write` may stop half-way, on a pipe or a disk that is getting full.
    await file.appendFile(chunk);
  }
  if (flags === "wx") await file.sync();
}

export async function writeToDescriptor(fd: number, content: Content, signal: AbortSignal): Promise<void> {
  for await (const chunk of content) {
    for (let done = 0; done < chunk.length;) {
      signal.throwIfAborted();
      try {
        done += writeSync(fd, chunk, done);
      } catch (err) {
        if (errno(err) === "EPIPE")
          throw new UserError("nobody reads the output any more", { code: "output", cause: err });
        if (errno(err) !== "EAGAIN") throw err;
        await Bun.sleep(1);
      }
    }
  }
}

/** A disk that is full is a thing that a person puts right; nothing else is known of other errors. */
export function diskFailure(err: unknown): UserError | undefined {
  if (
    !["ENOSPC", "EDQUOT", "EROFS", "EACCES", "ENOENT", "ENOTDIR", "EFBIG", "ELOOP", "EPERM"].includes(
      errno(err) ?? "",
    )
  )
    return undefined;
  const path = (err as NodeJS.ErrnoException).path;
  return new UserError(
    `cannot write the bundle${path === undefined ? "" : `: ${path}`}: ${errorMessage(err)}`,
    {
      code: "output",
      ...(isFull(err) ? { hint: "What had been written was removed." } : {}),
      cause: err,
    },
  );
}

export function isFull(err: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(errno(err) ?? "");
}
