import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAppliedCharts } from "./applied-charts.ts";

test("what was noted is known to the next one; a file that cannot be read is forgotten", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-applied-"));
  try {
    expect((await openAppliedCharts(dir)).known).toEqual(new Map());
    const noted = new Map([
      ["b", "2"],
      ["a", "1"],
    ]);
    await (await openAppliedCharts(dir)).note(noted);
    expect((await openAppliedCharts(dir)).known).toEqual(noted);
    await writeFile(join(dir, "helm-applied"), '{"a": ');
    expect((await openAppliedCharts(dir)).known).toEqual(new Map());
  } finally {
    await rm(dir, { recursive: true });
  }
});
