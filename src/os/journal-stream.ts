// Whether a stream of this process leads to systemd's journal, which notes time and priority by itself. systemd.exec(5), JOURNAL_STREAM.

import { fstatSync } from "node:fs";

interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Somebody may have redirected the stream since the variable was set: it names the one that is meant. */
export function isJournalStream(variable: string | undefined, stream: FileIdentity | undefined): boolean {
  return stream !== undefined && variable === `${stream.dev}:${stream.ino}`;
}

export function leadsToJournal(fd: number, env: Readonly<Record<string, string | undefined>>): boolean {
  return isJournalStream(env["JOURNAL_STREAM"], identityOf(fd));
}

function identityOf(fd: number): FileIdentity | undefined {
  try {
    return fstatSync(fd, { bigint: true });
  } catch {
    // It is closed.
    return undefined;
  }
}
