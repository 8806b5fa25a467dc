import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { bootTimeMs } from "./boot-clock.ts";

test("the clock is that of /proc/uptime, and goes on", async () => {
  const uptimeMs = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1_000;
  const at = bootTimeMs();
  // The file has hundredths of a second.
  expect(at).toBeGreaterThanOrEqual(uptimeMs - 20);
  expect(at - uptimeMs).toBeLessThan(10_000);
  await Bun.sleep(20);
  expect(bootTimeMs() - at).toBeGreaterThanOrEqual(19);
});
