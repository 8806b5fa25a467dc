import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { linesOf } from "./watch.ts";

test("lines come out whole, however the bytes are cut", async () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " "));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 8 }),
      fc.integer({ min: 1, max: 7 }),
      async (lines, size) => {
        const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(""));
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
            controller.close();
          },
        });
        const seen: string[] = [];
        for await (const text of linesOf(body, "test")) seen.push(text);
        expect(seen).toEqual(lines);
      },
    ),
    { numRuns: 100 },
  );
});
