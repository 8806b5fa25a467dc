// The last line of a definition proves that k0s wrote it and that nobody has changed it since: only such a file is
// replaced or removed without asking.

import { createHash } from "node:crypto";

const prefix = "# Written by k0s install, sha256 of what is above: ";

/** Systemd and every shell take the line as a comment. */
export function signed(text: string): string {
  return `${text}${prefix}${digest(text)}\n`;
}

/** `ours`: as k0s wrote it; `changed`: k0s wrote it, and somebody has edited it; `foreign`: no line of k0s. */
export function authorship(text: string): "ours" | "changed" | "foreign" {
  const at = text.lastIndexOf(prefix);
  if (at < 0) return "foreign";
  return text.slice(at) === `${prefix}${digest(text.slice(0, at))}\n` ? "ours" : "changed";
}

/** The lines without the one that signs them. */
export function unsignedLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith(prefix));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
