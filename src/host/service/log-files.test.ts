import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serviceLogFiles } from "./log-files.ts";

test("each file of a log that a definition names is known", () => {
  const known = serviceLogFiles("/usr/local/bin/k0s-1.37");
  const dir = join(import.meta.dir, "testdata");
  const named = readdirSync(dir).flatMap((name) => {
    const text = readFileSync(join(dir, name), "utf8");
    const service = text.includes("k0sworker") ? "k0sworker" : "k0scontroller";
    return [...text.matchAll(/\/var\/log\/[^\s'"]+\.(?:log|err)/g)].map(([path]) =>
      path.replace("$name", service).replace("${name}", "k0s-1.37"),
    );
  });
  expect(new Set(named).size).toBeGreaterThan(3);
  for (const path of named) expect(known).toContain(path);
  expect(known).toContain("/var/log/k0s-1.37.err");
});
