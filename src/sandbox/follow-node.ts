// Follows a starting k0s by the progress lines it writes to a file, until its cluster is ready or it has ended.

import { open } from "node:fs/promises";
import { isRunning, type ProcessId } from "../os/processes.ts";
import { UserError } from "../std/errors.ts";
import type { Progress, ProgressStep } from "../std/progress.ts";
import { parseProgressLine, type ProgressLine } from "../std/progress-lines.ts";
import { sleep } from "../std/wait.ts";

export interface FollowOptions {
  readonly node: ProcessId;
  /** Path on this host of the file with the lines. */
  readonly file: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const intervalMs = 50;
/** How many looks in a row must find that it has ended: a single one may come at the wrong moment. */
const looksForTheEnd = 3;

/** Resolves at the first `ready`; throws with the node's own words when it ends before. */
export async function followNode({ node, file, progress, signal }: FollowOptions): Promise<void> {
  const words: string[] = [];
  const relay = relayTo(progress);
  const handle = await open(file, "r");
  try {
    let rest = "";
    let goneFor = 0;
    for (;;) {
      // Asked before reading, so that the last words of a process that has ended are read, too.
      goneFor = (await isRunning(node)) ? 0 : goneFor + 1;
      const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(65_536) });
      const lines = (rest + buffer.toString("utf8", 0, bytesRead)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const parsed = parseProgressLine(line);
        if (parsed === undefined) words.push(line);
        else if (parsed.kind === "ready") return;
        else relay(parsed);
      }
      if (goneFor >= looksForTheEnd && bytesRead === 0) throw nodeEnded(words);
      if (bytesRead === 0) await sleep(intervalMs, signal);
    }
  } finally {
    await handle.close();
  }
}

function relayTo(progress: Progress): (line: ProgressLine) => void {
  const steps = new Map<number, ProgressStep>();
  return (line) => {
    if (line.kind === "step") steps.set(line.id, progress.step(line.text));
    if (line.kind === "wait") progress.wait(line.text);
    if (line.kind === "done") steps.get(line.id)?.done(line.text === "" ? undefined : line.text);
    if (line.kind === "fail") steps.get(line.id)?.fail(new Error(line.text));
  };
}

function nodeEnded(words: readonly string[]): UserError {
  const said = words.slice(-20).join("\n").trim();
  return new UserError(`k0s ended in the sandbox${said === "" ? "" : `:\n${said}`}`, {
    hint: "Create it with --keep to look at what is left: k0s sandbox exec NAME -- cat /var/lib/k0s-sandbox/k0s.log",
    code: "node-ended",
  });
}
