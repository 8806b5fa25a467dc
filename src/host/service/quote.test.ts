import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { insideDoubleQuotes, shellWord, systemdWord } from "./quote.ts";

const words = fc.array(fc.string({ unit: "binary-ascii", minLength: 0, maxLength: 12 }), { maxLength: 4 });
const shellSafe = words.map((list) => list.map((word) => word.replaceAll("\0", "")));

async function shell(script: string): Promise<string> {
  const child = Bun.spawn(["sh", "-c", script], { stdout: "pipe" });
  return new Response(child.stdout).text();
}

test("what a shell reads is what was meant", async () => {
  await fc.assert(
    fc.asyncProperty(shellSafe, async (list) => {
      const expected = list.map((word) => `${word}\u0001`).join("");
      const quoted = list.map(shellWord).join(" ");
      expect(await shell(`for word in ${quoted}; do printf '%s\\001' "$word"; done`)).toBe(expected);
      const again = insideDoubleQuotes(quoted);
      expect(
        await shell(`words="${again}"; eval "set -- $words"; for w in "$@"; do printf '%s\\001' "$w"; done`),
      ).toBe(expected);
    }),
    { numRuns: 30 },
  );
});

test.each([
  ["--config=/etc/k0s/k0s.yaml", "--config=/etc/k0s/k0s.yaml"],
  ["", '""'],
  ["a b", '"a b"'],
  ["100%", "100%%"],
  ["$HOME", '"$$HOME"'],
  ['say "hi"', String.raw`"say \"hi\""`],
  ["back\\slash", String.raw`"back\\slash"`],
  ["two\nlines", String.raw`"two\nlines"`],
  ["it's", `"it's"`],
  ["x\rUser=nobody\r", String.raw`"x\x0dUser=nobody\x0d"`],
  ["\u0001\u001b[0m\u007f", String.raw`"\x01\x1b[0m\x7f"`],
])("systemd reads %j from %j", (word, written) => {
  expect(systemdWord(word)).toBe(written);
});

test("no word of systemd ends its line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (word) => {
      expect(systemdWord(word.replaceAll("\0", ""))).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test("the path of the program and variables are not expanded, so a dollar stays one", () => {
  expect(systemdWord("/opt/$x y", { expandsVariables: false })).toBe('"/opt/$x y"');
});
