import { expect, test } from "bun:test";
import { join } from "node:path";
import { nodePaths } from "../../product/paths.ts";
import { configOfHost } from "./config-of-host.ts";

test("the defaults of a host without a k0s.yaml are not taken for the configuration of its cluster", async () => {
  const here = (file: string) => configOfHost(nodePaths(), { root: false }, file);
  expect((await here(join(import.meta.dir, "k0s.yaml"))).known).toBe(false);
  expect((await here(import.meta.path)).known).toBe(true);
});
