import { expect, test } from "bun:test";
import type { InitSystem } from "./definition.ts";
import { openRc } from "./openrc.ts";
import { runit } from "./runit.ts";
import { s6 } from "./s6.ts";
import { shownDefinition } from "./shown-definition.ts";
import { systemd } from "./systemd.ts";
import { sysV } from "./sysv.ts";

const definitionOf = (init: InitSystem, value: string): string =>
  init.definition({
    name: "k0sworker",
    program: "/usr/local/bin/k0s",
    args: ["worker", "--labels=env=test"],
    environment: [["PLAIN", value]],
    dataDir: "/var/lib/k0s",
  }).text;

test.each([systemd, openRc, sysV, runit("/etc/service"), s6("/run/service")])(
  "$title: of a variable the name is shown, and all else of the definition",
  (init) => {
    for (const value of ["greenfrog", "green frog", "it's \"green\" 'frog' \\"]) {
      const text = definitionOf(init, value);
      const shown = shownDefinition(text);
      expect(shown).not.toMatch(/green|frog/);
      expect(shown).toContain("PLAIN=…\n");
      expect(shown.split("\n").filter((line) => !line.includes("PLAIN"))).toEqual(
        text.split("\n").filter((line) => !line.includes("PLAIN")),
      );
    }
  },
);

test("values on lines that a variable's goes on in are hidden, and what follows is shown", () => {
  const text = "Environment=A=one \\\n  B=two \\\n  C=three\nRestart=always \\\n  x\n";
  expect(shownDefinition(text)).toBe("Environment=A=…\nRestart=always \\\n  x\n");
});
