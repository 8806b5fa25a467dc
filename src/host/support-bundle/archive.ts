// A bundle's files as one compressed archive, each of a limited size, without what must not be seen.

import { packTar } from "modern-tar";
import type { BundleFile } from "./collect.ts";
import type { Redact } from "./redact.ts";

export interface ArchiveOptions {
  /** The directory that it unpacks into. */
  readonly directory: string;
  readonly redact: Redact;
  readonly signal: AbortSignal;
  readonly now: Date;
  /** In bytes, before compression. */
  readonly limits: { readonly file: number; readonly whole: number };
}

/** A file that is too long keeps its end, and begins with how much is missing; files that have no room are named in `left-out.txt`. */
export async function bundleArchive(
  files: readonly BundleFile[],
  options: ArchiveOptions,
): Promise<Uint8Array> {
  const { directory, redact, now, limits, signal } = options;
  const leftOut: string[] = [];
  const entries: { header: { name: string; size: number; mode: number; mtime: Date }; body: Uint8Array }[] =
    [];
  let size = 0;
  const add = (path: string, text: string): void => {
    const body = Buffer.from(text);
    size += body.length;
    entries.push({
      header: { name: `${directory}/${path}`, size: body.length, mode: 0o600, mtime: now },
      body,
    });
  };
  for (const { path, text } of files) {
    // Cut before it is redacted, so that there is no limit to pass by; at a line, so that no half of a secret is left.
    const shown = await redact(lastOf(text, limits.file), signal);
    if (size + shown.length > limits.whole) leftOut.push(path);
    else add(path, shown);
  }
  if (leftOut.length > 0) add("left-out.txt", `There was no room for these files:\n${leftOut.join("\n")}\n`);
  return Bun.gzipSync(Buffer.from(await packTar(entries)));
}

function lastOf(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const from = text.indexOf("\n", text.length - limit) + 1;
  // One line alone that is too long: there is no place to cut it where a secret could not be halved.
  const kept = from === 0 ? "" : text.slice(from);
  return `[the first ${text.length - kept.length} characters are left out]\n${kept}`;
}
