import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAppliedCharts } from "./applied-charts.ts";

test("what was noted is known to the next one; of another k0s, or unreadable, it is forgotten", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-applied-"));
  try {
    expect((await openAppliedCharts(dir, "1")).known).toEqual(new Map());
    const noted = new Map([
      ["b", "2"],
      ["a", "1"],
    ]);
    await (await openAppliedCharts(dir, "1")).note(noted);
    expect((await openAppliedCharts(dir, "1")).known).toEqual(noted);
    expect((await openAppliedCharts(dir, "2")).known).toEqual(new Map());
    await writeFile(join(dir, "helm-applied"), '{"a": ');
    expect((await openAppliedCharts(dir, "1")).known).toEqual(new Map());
  } finally {
    await rm(dir, { recursive: true });
  }
});
