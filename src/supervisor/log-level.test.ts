import { expect, test } from "bun:test";
import { withLogLevel } from "./log-level.ts";

test("the level in the arguments is replaced, where there is one", () => {
  expect(withLogLevel(["--a=b", "--v=1"], "4")).toEqual(["--a=b", "--v=4"]);
  expect(withLogLevel(["--log-level=info", "--vmodule=x"], "debug")).toEqual([
    "--log-level=debug",
    "--vmodule=x",
  ]);
  expect(withLogLevel(["--v=1", "--v=2"], "4")).toEqual(["--v=1", "--v=4"]);
  expect(withLogLevel(["--a=b", "-v"], "4")).toBeUndefined();
  expect(withLogLevel(["--v=1"], "debug")).toBeUndefined();
  expect(withLogLevel(["--log-level=info"], "4")).toBeUndefined();
});
