// Takes text at once and writes it when that is possible: a log that cannot be written must
// neither throw into nor hold up those who log. What there is no room for is dropped, counted, and told as soon as
// there is.

import { type BackoffRules, backoffDelay } from "./backoff.ts";
import { errno, errorMessage } from "./errors.ts";

export interface BoundedSinkOptions {
  /**
   * Writes what it can without waiting, and says how many bytes that were; throws EAGAIN when it can take nothing now. One
   * that returns a promise is not called again before it settles.
   */
  readonly write: (bytes: Uint8Array) => number | Promise<number>;
  /** The line that tells of a loss. */
  readonly lossLine: (loss: Loss) => string;
  /** What may wait to be written, in bytes; default 256 KiB. */
  readonly limitBytes?: number;
  /** What is given to one `write`, unless one text alone is longer; default 4 KiB: pipes take that much as a whole. */
  readonly batchBytes?: number;
  /** Pauses after a failed write, in milliseconds, doubling. */
  readonly pauseMs?: { readonly full: PauseRange; readonly broken: PauseRange };
}

type PauseRange = Pick<BackoffRules, "firstMs" | "longestMs">;

export interface Loss {
  readonly lines: number;
  /** In words, e.g. `ENOSPC: no space left on device, write`. */
  readonly because: string;
}

export interface BoundedSink {
  write(text: string): void;
  /** True while something waits to be written: what is useless later need not be written at all. */
  busy(): boolean;
  /** Resolves when everything is written, nobody can read it any more, or `ms` are over. */
  flush(ms: number): Promise<void>;
}

/** The reader is gone, for good as far as we can know: keeping text for it is useless. */
const gone: ReadonlySet<string> = new Set(["EPIPE", "EBADF", "ECONNRESET", "ENOTCONN", "ESHUTDOWN"]);
const slowReader = "its reader does not keep up";
const defaultPauseMs = { full: { firstMs: 10, longestMs: 250 }, broken: { firstMs: 100, longestMs: 5_000 } };

export function boundedSink(options: BoundedSinkOptions): BoundedSink {
  const { lossLine, limitBytes = 256 << 10, batchBytes = 4_096, pauseMs = defaultPauseMs } = options;
  let queue: Uint8Array[] = [];
  let queued = 0;
  let lost: { lines: number; because: string } | undefined;
  /** A loss whose line is in the queue, but may not have been written. */
  let telling: Loss | undefined;
  let because = slowReader;
  let writing = false;
  let failures = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let waiting: (() => void)[] = [];

  const enqueue = (text: string): void => {
    const bytes = Buffer.from(text);
    queue.push(bytes);
    queued += bytes.length;
  };

  /** A loss is told in its place: after what was kept, before what comes next. */
  const tellLoss = (): void => {
    if (lost === undefined || queued > limitBytes / 2) return;
    enqueue(lossLine(lost));
    telling = lost;
    lost = undefined;
  };

  const drop = (lines: number): void => {
    if (lines > 0) lost = { lines: (lost?.lines ?? 0) + lines, because };
  };

  const nextBatch = (): Uint8Array => {
    let count = 1;
    let size = queue[0]?.length ?? 0;
    for (; count < queue.length && size + (queue[count]?.length ?? 0) <= batchBytes; count += 1)
      size += queue[count]?.length ?? 0;
    const parts = queue.splice(0, count);
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  };

  const settle = (): void => {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  };

  const written = (batch: Uint8Array, count: number): void => {
    if (count === 0) return failed(batch, new NothingTaken());
    queued -= count;
    if (count < batch.length) queue.unshift(batch.subarray(count));
    if (queue.length === 0) telling = undefined;
    failures = 0;
  };

  const forget = (): void => {
    const own = telling === undefined ? 0 : 1;
    drop(queue.reduce((sum, part) => sum + linesIn(part), 0) - own + (telling?.lines ?? 0));
    telling = undefined;
    queue = [];
    queued = 0;
    settle();
  };

  const failed = (batch: Uint8Array, err: unknown): void => {
    queue.unshift(batch);
    const code = errno(err) ?? "";
    because = code === "EAGAIN" ? slowReader : errorMessage(err);
    if (gone.has(code)) forget();
    failures += 1;
    // Without jitter: nobody else writes there again.
    const delay = backoffDelay(failures, code === "EAGAIN" ? pauseMs.full : pauseMs.broken, {
      random: () => 1,
    });
    retry = setTimeout(() => {
      retry = undefined;
      pump();
    }, delay);
    // Only `flush` keeps a process alive for what is not written yet.
    retry.unref();
  };

  const pump = (): void => {
    for (;;) {
      if (writing || retry !== undefined) break;
      tellLoss();
      if (queue.length === 0) break;
      const batch = nextBatch();
      try {
        const result = options.write(batch);
        if (typeof result === "number") {
          written(batch, result);
          continue;
        }
        writing = true;
        result
          .then(
            (count) => written(batch, count),
            (err: unknown) => failed(batch, err),
          )
          .finally(() => {
            writing = false;
            pump();
          });
      } catch (err) {
        failed(batch, err);
      }
    }
    if (queue.length === 0 && !writing) settle();
  };

  return {
    write(text) {
      if (lost !== undefined || queued + text.length > limitBytes) drop(Math.max(1, linesIn(text)));
      else enqueue(text);
      pump();
    },
    busy: () => queue.length > 0 || writing || lost !== undefined,
    async flush(ms) {
      if (queue.length === 0 && !writing) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      waiting.push(resolve);
      await promise;
      clearTimeout(timer);
    },
  };
}

class NothingTaken extends Error {
  readonly code = "EAGAIN";
}

function linesIn(text: string | Uint8Array): number {
  let lines = 0;
  if (typeof text === "string") {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
    return lines;
  }
  for (const byte of text) if (byte === 10) lines += 1;
  return lines;
}
