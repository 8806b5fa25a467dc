// Unmounts without waiting for ever: a call for a file system whose server is away may not return, and no signal ends it.
// The calls are made by a process of their own (unmount-helper.ts), which is left behind if it has to be.

import { errorMessage } from "../std/errors.ts";
import { cleanEnvironment } from "./exec.ts";
import { listMounts, type Mount } from "./mounts.ts";
import { pinProcess } from "./pinned-process.ts";
import type { UnmountReport } from "./unmount-helper.ts";

export interface UnmountOptions {
  /** How k0s starts itself (self.ts). */
  readonly self: readonly string[];
  readonly signal: AbortSignal;
  /** How long one call may take before that mount is removed by force, in ms. Default 10 s. */
  readonly patienceMs?: number;
}

/**
 * Takes the targets off in this order: each as usual, lazily where it is busy, by force where the call does not return.
 * Throws an error that names those that are still mounted afterwards; by then all others are off.
 */
export async function unmountAll(targets: readonly string[], options: UnmountOptions): Promise<void> {
  const before = (await listMounts()).filter(({ target }) => targets.includes(target));
  const problems = new Map<string, string>();
  for (let rest = targets; rest.length > 0;) {
    using usual = await attempt(rest, [], options);
    const { reports, end } = usual;
    reports.forEach(({ problem }, i) => note(problems, rest[i], problem));
    const stuck = rest[reports.length];
    rest = rest.slice(reports.length + 1);
    if (stuck === undefined) break;
    note(problems, stuck, end);
    // When it has left the table already, only what follows takes long, such as writing back: that must not be cut off.
    if ((await stillThere(before)).every(({ target }) => target !== stuck)) continue;
    usual.kill();
    using forced = await attempt([stuck], ["--force"], options);
    if (forced.end !== undefined) forced.kill();
    note(problems, stuck, forced.reports[0]?.problem ?? forced.end);
  }
  const left = await stillThere(before);
  if (left.length === 0) return;
  const words = left.map(
    ({ target, type, source }) => `${target} (${type} ${source}: ${problems.get(target) ?? "it came back"})`,
  );
  throw new Error(`still mounted: ${words.join(", ")}`);
}

interface Attempt extends Disposable {
  /** Of the targets whose calls have returned. */
  readonly reports: readonly UnmountReport[];
  /** Why there are no more; undefined when all have. */
  readonly end: string | undefined;
  /** Ends the helper if it still runs. That has no effect while its call hangs, but nobody waits for it. */
  kill(): void;
}

/** How long the helper may take to begin, in ms: on a host that is busy with the end of a cluster. */
const patienceForStart = 60_000;

async function attempt(
  targets: readonly string[],
  flags: readonly string[],
  { self, signal, patienceMs = 10_000 }: UnmountOptions,
): Promise<Attempt> {
  signal.throwIfAborted();
  const child = Bun.spawn([...self, "__unmount", ...flags, "--", ...targets], {
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pinned = pinProcess(child.pid);
  const reports: UnmountReport[] = [];
  const stalled = Promise.withResolvers<string>();
  const stop = (): void => stalled.resolve("interrupted");
  signal.addEventListener("abort", stop, { once: true });
  const late = (): void => stalled.resolve("its server or device does not answer");
  let timer = setTimeout(late, patienceForStart);
  const read = readReports(child.stdout, (report) => {
    reports.push(report);
    clearTimeout(timer);
    timer = setTimeout(late, patienceMs);
  });
  const words = new Response(child.stderr).text();
  try {
    const raced = await Promise.race([read.then(() => undefined, errorMessage), stalled.promise]);
    if (signal.aborted) pinned?.signal("SIGKILL");
    signal.throwIfAborted();
    const complete = reports.length > targets.length;
    const end = complete ? undefined : (raced ?? `the helper ended: ${(await words).trim()}`);
    return {
      reports: reports.slice(1),
      end,
      kill: () => void pinned?.signal("SIGKILL"),
      [Symbol.dispose]: () => pinned?.[Symbol.dispose](),
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    child.unref();
  }
}

async function readReports(
  stream: ReadableStream<Uint8Array>,
  take: (report: UnmountReport) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    // Written by ourselves, in unmount-helper.ts.
    for (const line of lines) take(JSON.parse(line) as UnmountReport);
  }
}

async function stillThere(before: readonly Mount[]): Promise<readonly Mount[]> {
  const now = await listMounts();
  return before.filter((mount) =>
    now.some(
      ({ id, device, target }) => id === mount.id && device === mount.device && target === mount.target,
    ),
  );
}

function note(problems: Map<string, string>, target: string | undefined, problem: string | undefined): void {
  if (target !== undefined && problem !== undefined) problems.set(target, problem);
}
