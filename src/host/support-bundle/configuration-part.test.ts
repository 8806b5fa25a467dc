import { expect, test } from "bun:test";
import { nodePaths } from "../../product/paths.ts";
import { configurationPart } from "./configuration-part.ts";

test("a definition of a service has the names of its variables, not their values", async () => {
  const definition = "[Service]\nEnvironment=PLAIN=greenfrog\nRestart=always\n";
  const files = new Map<string, unknown>();
  const part = configurationPart(
    nodePaths({ dataDir: "/no/data", runDir: "/no/run" }),
    new Map([["/etc/a", definition]]),
  );
  await part.collect(({ path, text }) => void files.set(path, text), new AbortController().signal);
  expect(files.get("configuration/service/etc/a")).toBe("[Service]\nEnvironment=PLAIN=…\nRestart=always\n");
});
