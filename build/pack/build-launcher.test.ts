import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { parsePlatform, windowsTarget } from "../platform.ts";
import { buildLauncher } from "./build-launcher.ts";

test.each([parsePlatform("linux/arm64"), windowsTarget])(
  "the launcher of $id, too, is built from what has changed",
  async (platform) => {
    expect(existsSync(await buildLauncher(platform, { signal: AbortSignal.timeout(280_000) }))).toBe(true);
  },
  300_000,
);
