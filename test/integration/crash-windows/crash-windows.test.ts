// Killed at any change of a file, and started again: everything ends as if nothing had happened.

import { test } from "bun:test";
import { expectNoCrashWindows } from "./run-scenarios.ts";

test("a first start, a renewal and a join can be killed at any change of a file", async () => {
  await expectNoCrashWindows("first start", "renewal", "join with etcd", "join of a worker");
});
