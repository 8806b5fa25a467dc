import { expect, test } from "bun:test";
import { rootCommand } from "../program.ts";
import type { Command } from "./command.ts";
import { handlerOn, refuseOnWindows } from "./on-windows.ts";

function commandsThatRun(
  command: Command,
  path: string,
): readonly (readonly [path: string, command: Command])[] {
  const below = command.commands.flatMap((sub) => commandsThatRun(sub, `${path} ${sub.name}`));
  return command.run === undefined ? below : [[path, command], ...below];
}

const all = commandsThatRun(rootCommand, "k0s");

/** The same as elsewhere, something of its own, or refused. */
function kindOn(system: NodeJS.Platform, path: string, command: Command): "same" | "own" | "refused" {
  try {
    return handlerOn(system, command, path) === command.run ? "same" : "own";
  } catch (err) {
    expect(err).toMatchObject({ code: "on-windows", message: `${path} does not run on Windows` });
    return "refused";
  }
}

function ofKind(kind: string): readonly string[] {
  return all.filter(([path, command]) => kindOn("win32", path, command) === kind).map(([path]) => path);
}

test("on Windows there is what reads and prints, and what a worker needs; everything else is refused", () => {
  expect(ofKind("same")).toEqual([
    "k0s completion",
    "k0s config create",
    "k0s config validate",
    "k0s default-config",
    "k0s docs",
    "k0s help",
    "k0s validate config",
    "k0s version",
  ]);
  expect(ofKind("own")).toEqual([
    "k0s install worker",
    "k0s start",
    "k0s status",
    "k0s stop",
    "k0s uninstall",
    "k0s worker",
  ]);
  expect(ofKind("refused").length).toBeGreaterThan(30);
});

test("on Linux every command is what it is", () => {
  expect(all.filter(([path, command]) => kindOn("linux", path, command) !== "same")).toEqual([]);
});

test("who wants to reset a node is told where to read what to do", () => {
  expect(() => refuseOnWindows("k0s reset", "win32")).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("docs/windows.md") }),
  );
});
