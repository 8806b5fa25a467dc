import { expect, test } from "bun:test";
import { join } from "node:path";
import { singleNodeComponents } from "./machine-processes.ts";

test("the processes of a single node are those that it is seen to start", async () => {
  const seen = await Bun.file(join(import.meta.dir, "../../src/node/testdata/processes.txt")).text();
  const single = /^single: (.*)$/m.exec(seen)?.[1]?.split(" ") ?? [];
  expect(single.length).toBeGreaterThan(1);
  expect(singleNodeComponents.toSorted()).toEqual(single.toSorted());
});
