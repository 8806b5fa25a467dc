import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { boundedSink, type BoundedSink, type BoundedSinkOptions } from "./bounded-sink.ts";
import { pollUntil } from "./wait.ts";

const pause = { firstMs: 1, longestMs: 2 };
const failure = (code: string): Error => Object.assign(new Error(`${code}: it does not go`), { code });

interface Reader {
  readonly sink: BoundedSink;
  /** How many bytes are taken at once, or what is thrown. */
  readonly set: (now: number | string) => void;
  readonly text: () => string;
  readonly calls: () => number;
}

function reader(options: Partial<BoundedSinkOptions> & { readonly async?: boolean } = {}): Reader {
  let now: number | string = Number.POSITIVE_INFINITY;
  let written = "";
  let calls = 0;
  const take = (bytes: Uint8Array): number => {
    calls += 1;
    if (typeof now === "string") throw failure(now);
    const taken = Math.min(now, bytes.length);
    written += Buffer.from(bytes.subarray(0, taken)).toString("latin1");
    return taken;
  };
  const sink = boundedSink({
    write: options.async === true ? async (bytes) => take(bytes) : take,
    lossLine: ({ lines, because }) => `LOST ${lines}: ${because}\n`,
    pauseMs: { full: pause, broken: pause },
    ...options,
  });
  return { sink, set: (value) => (now = value), text: () => written, calls: () => calls };
}

const until = (what: string, probe: () => boolean): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 1, timeoutMs: 5_000 });

describe("a sink", () => {
  test.each([false, true])("writes everything in order, however little is taken at once", async (async) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ maxLength: 30 }).map((text) => `${text.replaceAll(/[^a-z]/g, "x")}\n`),
          { maxLength: 30 },
        ),
        fc.integer({ min: 1, max: 40 }),
        async (lines, taken) => {
          const { sink, set, text } = reader({ batchBytes: 16, async });
          set(taken);
          for (const line of lines) sink.write(line);
          await sink.flush(5_000);
          expect(text()).toBe(lines.join(""));
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each(["EAGAIN", "ENOSPC", "EDQUOT", "EIO", "EPIPE", "EBADF", "ECONNRESET", "ENXIO"])(
    "throws nothing into whoever writes when there is %s, and goes on when that is over",
    async (code) => {
      const { sink, set, text } = reader();
      set(code);
      for (let line = 0; line < 100; line++) sink.write(`line ${line}\n`);
      set(Number.POSITIVE_INFINITY);
      await until("the next line", () => {
        sink.write("again\n");
        return text().includes("again\n");
      });
    },
  );

  test("keeps what a full disk refuses, and writes it when there is room", async () => {
    const { sink, set, text } = reader();
    set("ENOSPC");
    sink.write("one\n");
    sink.write("two\n");
    expect(text()).toBe("");
    set(Number.POSITIVE_INFINITY);
    await sink.flush(5_000);
    expect(text()).toBe("one\ntwo\n");
  });

  test("drops what it has no room for, counts it, and tells it in its place", async () => {
    const { sink, set, text } = reader({ limitBytes: 100 });
    set("EAGAIN");
    for (let line = 0; line < 30; line++) sink.write(`line ${line}..\n`);
    set(Number.POSITIVE_INFINITY);
    await sink.flush(5_000);
    sink.write("later\n");
    const lines = text().split("\n");
    const kept = lines.filter((line) => line.startsWith("line")).length;
    expect(lines.slice(kept)).toEqual([`LOST ${30 - kept}: its reader does not keep up`, "later", ""]);
    expect(kept).toBeGreaterThan(5);
  });

  test("counts on while nobody reads, without trying at each line", async () => {
    const { sink, set, text, calls } = reader();
    set("EPIPE");
    for (let line = 0; line < 1_000; line++) sink.write("x\n");
    expect(calls()).toBeLessThan(10);
    await until("more tries", () => calls() > 3);
    set(Number.POSITIVE_INFINITY);
    await until("a word of it", () => text() !== "");
    expect(text()).toBe("LOST 1000: EPIPE: it does not go\n");
  });

  test("is busy while something waits", async () => {
    const { sink, set } = reader();
    sink.write("x\n");
    expect(sink.busy()).toBe(false);
    set("EAGAIN");
    sink.write("x\n");
    expect(sink.busy()).toBe(true);
    await sink.flush(5);
    expect(sink.busy()).toBe(true);
  });
});

test("no line is lost without being counted, whatever happens", async () => {
  const faults = fc.constantFrom("EAGAIN", "ENOSPC", "EPIPE", "EIO", 1, 7, 64);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(faults, fc.nat(12)), { maxLength: 12 }),
      fc.boolean(),
      async (story, async) => {
        const { sink, set, text } = reader({ limitBytes: 60, batchBytes: 16, async });
        let total = 0;
        for (const [fault, lines] of story) {
          set(fault);
          for (let line = 0; line < lines; line++) sink.write("line..\n");
          total += lines;
          if (lines % 3 === 0) await Bun.sleep(1);
        }
        set(Number.POSITIVE_INFINITY);
        await until("the end", () => !sink.busy());
        const kept = text().match(/^line\.\.$/gm)?.length ?? 0;
        const lost = [...text().matchAll(/LOST (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
        expect(kept + lost).toBe(total);
      },
    ),
    { numRuns: 60 },
  );
});
