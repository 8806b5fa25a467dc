import { expect, test } from "bun:test";
import { installedText } from "./installed-text.ts";

const change = { kind: "change", difference: ["- old", "+ new"] } as const;
const said = (plan: Parameters<typeof installedText>[0], running: boolean, start = false) =>
  installedText(plan, { name: "k0sworker", running, start });
const next = "k0sworker is installed: `k0s start` starts it.\n";

test("the next step, where one is left to do", () => {
  expect(said({ kind: "write" }, false)).toBe(next);
  expect(said({ kind: "same" }, false)).toBe(next);
  expect(said({ kind: "same" }, true)).toBe("");
  expect(said({ kind: "write" }, false, true)).toBe("");
});

test("a change is shown; a service that runs has it after a restart", () => {
  const changed = "The service was changed:\n  - old\n  + new\n";
  expect(said(change, true)).toBe(
    `${changed}It runs with what it had: \`k0s restart\` makes it take effect.\n`,
  );
  expect(said(change, false)).toBe(`${changed}${next}`);
  expect(said(change, true, true)).toBe(changed);
});
