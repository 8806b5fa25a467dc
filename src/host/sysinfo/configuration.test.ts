import { expect, test } from "bun:test";
import type { ConfigurationOfHost } from "./configuration.ts";
import { everyRole, outcome } from "./testdata/made-host.ts";

const configuration = (of: ConfigurationOfHost) =>
  outcome("configuration", {}, { ...everyRole, informative: { ports: [], configuration: of } });

test("fields without effect are a warning, a file that cannot be used is told before them", async () => {
  expect(await configuration({})).toStartWith("pass");
  expect(await configuration({ warnings: ["a: b", "c: d"] })).toBe("warning  a: b; c: d");
  expect(await configuration({ problem: "no", warnings: ["a: b"] })).toBe("warning  no");
});
