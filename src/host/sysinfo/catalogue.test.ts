import { expect, test } from "bun:test";
import { join } from "node:path";
import { examples } from "./catalogue.ts";

test("every finding of the probes is in the catalogue", async () => {
  const glob = new Bun.Glob("**/*.ts");
  const catalogue = await Bun.file(join(import.meta.dir, "catalogue.ts")).text();
  const listed = catalogue.slice(catalogue.indexOf("export const examples"));
  const names: string[] = [];
  for await (const file of glob.scan(import.meta.dir)) {
    const text = await Bun.file(join(import.meta.dir, file)).text();
    names.push(...[...text.matchAll(/^export const (\w+): Finding = /gm)].map((match) => match[1] ?? ""));
  }
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name) => !new RegExp(String.raw`\b${name}\b`).test(listed))).toEqual([]);
});

test("each says what, why and what to do, in sentences", () => {
  for (const { check, outcome } of examples) {
    expect(`${outcome.prop}${outcome.message}`, check).not.toBe("");
    expect(outcome.why, check).toMatch(/^\p{Lu}.*\.$|^k0s.*\.$|^kube.*\.$|^containerd.*\.$|^etcd.*\.$/u);
    expect(outcome.remedy, check).toMatch(/^(\p{Lu}.*[.)]|`[^`]+`.*)$/u);
  }
});
