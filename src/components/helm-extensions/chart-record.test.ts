import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chartKind } from "./chart.ts";
import { openNamedCharts } from "./chart-record.ts";

test("what the file has named is known over restarts, until it is gone from the cluster", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-named-charts-"));
  try {
    const object = (name: string) => ({ ...chartKind, metadata: { name } });
    const known = async (name: string): Promise<boolean> =>
      (await openNamedCharts(join(dir, "deployed"))).has({ ...chartKind, name });
    const first = await openNamedCharts(join(dir, "deployed"));
    await first.add([object("a"), { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } }]);
    expect(await Promise.all([known("a"), known("b")])).toEqual([true, false]);
    await first.add([object("b")]);
    expect(await Promise.all([known("a"), known("b")])).toEqual([true, true]);
    await first.settle([object("b")]);
    expect(await Promise.all([known("a"), known("b")])).toEqual([false, true]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
