// The last lines of a definition: which installation it runs, and a digest which proves that k0s wrote it
// and that nobody has changed it since. Only such a file is replaced or removed without asking.

import { createHash } from "node:crypto";

const prefix = "# Written by k0s install, sha256 of what is above: ";

const dataDirPrefix = "# Data directory: ";

/** systemd and every shell take the lines as comments. */
export function signed(text: string, dataDir: string): string {
  const named = `${text}${dataDirPrefix}${JSON.stringify(dataDir)}\n`;
  return `${named}${prefix}${digest(named)}\n`;
}

/** The data directory of the installation that a definition of k0s runs; undefined for one that does not say. */
export function dataDirOf(text: string): string | undefined {
  const line = text.split("\n").findLast((candidate) => candidate.startsWith(dataDirPrefix));
  if (line === undefined || authorship(text) === "foreign") return undefined;
  try {
    const value: unknown = JSON.parse(line.slice(dataDirPrefix.length));
    return typeof value === "string" ? value : undefined;
  } catch (err) {
    // Somebody has edited the line.
    if (err instanceof SyntaxError) return undefined;
    throw err;
  }
}

/** `ours`: as k0s wrote it; `changed`: k0s wrote it, and somebody has edited it; `foreign`: no line of k0s. */
export function authorship(text: string): "ours" | "changed" | "foreign" {
  const at = text.lastIndexOf(prefix);
  if (at < 0) return "foreign";
  return text.slice(at) === `${prefix}${digest(text.slice(0, at))}\n` ? "ours" : "changed";
}

/** The lines without those that sign them. */
export function unsignedLines(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(prefix) && !line.startsWith(dataDirPrefix));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
