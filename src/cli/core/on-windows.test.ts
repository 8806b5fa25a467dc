import { expect, test } from "bun:test";
import { rootCommand } from "../program.ts";
import type { Command } from "./command.ts";
import { refuseOnWindows } from "./on-windows.ts";

function commandsThatRun(command: Command, path: string): readonly string[] {
  const below = command.commands.flatMap((sub) => commandsThatRun(sub, `${path} ${sub.name}`));
  return command.run === undefined ? below : [path, ...below];
}

function isRefused(command: string, system: NodeJS.Platform): boolean {
  try {
    refuseOnWindows(command, system);
    return false;
  } catch (err) {
    expect(err).toMatchObject({ code: "on-windows", message: `${command} does not run on Windows` });
    return true;
  }
}

test("on Windows there is what reads and prints; everything else is refused", () => {
  const all = commandsThatRun(rootCommand, "k0s");
  expect(all.filter((command) => !isRefused(command, "win32"))).toEqual([
    "k0s completion",
    "k0s config create",
    "k0s config validate",
    "k0s default-config",
    "k0s docs",
    "k0s help",
    "k0s validate config",
    "k0s version",
  ]);
  expect(all.length).toBeGreaterThan(30);
});

test("on Linux nothing is refused", () => {
  expect(commandsThatRun(rootCommand, "k0s").filter((command) => isRefused(command, "linux"))).toEqual([]);
});

test("a worker is told where to read what there is", () => {
  expect(() => refuseOnWindows("k0s worker", "win32")).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("docs/windows.md") }),
  );
});
