// The rarer ways into a cluster, killed at any change of a file.

import { test } from "bun:test";
import { expectNoCrashWindows } from "../integration/crash-windows/run-scenarios.ts";

test("a join can be killed at any change of a file, whatever was there before", async () => {
  await expectNoCrashWindows("join with a shared database", "join over an unfinished first start");
});
