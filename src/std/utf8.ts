// Text files from people: read exactly, or refused. Lossy decoding would replace each wrong byte by another character.

import { UserError } from "./errors.ts";

/** The text; throws a UserError that names the source and the line of what is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, source: string): string {
  const wide = wideEncoding(bytes);
  if (wide !== undefined) throw notUtf8(source, `it is written in ${wide}`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (err) {
    const at = firstWrongByte(bytes);
    const line = bytes.subarray(0, at).filter((byte) => byte === newline).length + 1;
    const byte = bytes[at];
    const why =
      byte === undefined
        ? "it ends in the middle of a character"
        : `the byte 0x${byte.toString(16).padStart(2, "0")} is not part of any character`;
    throw notUtf8(`${source}:${line}`, why, err);
  }
}

const newline = 0x0a;

function notUtf8(place: string, why: string, cause?: unknown): UserError {
  return new UserError(`${place}: is not UTF-8 text: ${why}`, {
    code: "invalid-encoding",
    hint: "Save it as UTF-8, e.g. with `iconv -f FROM -t UTF-8`.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What editors of other systems write: told by its byte order mark. */
function wideEncoding([first, second]: Uint8Array): string | undefined {
  const mark = ((first ?? 0) << 8) | (second ?? 0);
  return mark === 0xfffe || mark === 0xfeff ? "UTF-16" : undefined;
}

/** Characters are four bytes at most, so that a valid prefix can be cut in a character by three. */
function firstWrongByte(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isValidPrefix(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isValidPrefix(bytes: Uint8Array): boolean {
  try {
    // `stream`: a character that is cut off at the end is not an error.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
