// Help texts and command tree as golden files: `UPDATE_GOLDEN=1 bun test src/cli` writes them again.

import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Command } from "./command.ts";
import { helpText } from "./help.ts";
import { rootCommand } from "../program.ts";

function texts(command: Command, path: string): [string, string][] {
  return [
    [path, helpText(command, path)],
    ...command.commands.flatMap((sub) => texts(sub, `${path} ${sub.name}`)),
  ];
}

test.each(texts(rootCommand, "k0s"))("help of %s", async (path, text) => {
  const file = Bun.file(join(import.meta.dir, "testdata", "help", `${path.replaceAll(" ", "-")}.txt`));
  if (process.env["UPDATE_GOLDEN"] !== undefined) await Bun.write(file, text);
  expect(text).toBe(await file.text());
});

test("no two flags of a command share a name or a letter", () => {
  const check = (command: Command): void => {
    const flags = Object.values(command.flags);
    const names = flags.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
    expect(new Set(names).size).toBe(names.length);
    command.commands.forEach(check);
  };
  check(rootCommand);
});
