import { expect, test } from "bun:test";
import { blot } from "./blot.ts";
import { commandNames, flagNames, withoutSecretValues } from "./shown-arguments.ts";

test("of a container's arguments its flags stay, and no value", () => {
  expect(flagNames(["--requirepass", "hunter2xyz", "--a.b-c=hunter2", "-v=hunter2"])).toEqual([
    "--requirepass",
    blot,
    `--a.b-c=${blot}`,
    `-v=${blot}`,
  ]);
  expect(flagNames(["-phunter2", "-p", "hunter2", "--leader-elect=false", "-conf"])).toEqual([
    `-p${blot}`,
    "-p",
    blot,
    "--leader-elect=false",
    "-conf",
  ]);
  expect(flagNames(["PASSWORD=hunter2", "hunter2", "--x hunter2", "--", 5])).toEqual([
    blot,
    blot,
    `--x${blot}`,
    "--",
    blot,
  ]);
});

test("of a command the program stays", () => {
  expect(commandNames(["redis-cli", "-a", "x"])).toEqual(["redis-cli", "-a", blot]);
  expect(commandNames(["/bin/sh", "-c", "mysql -phunter2"])).toEqual(["/bin/sh", "-c", blot]);
  expect(commandNames(["mysql -phunter2"])).toEqual([blot]);
  expect(commandNames([])).toEqual([]);
});

test("of a process of k0s the value of a secret's flag goes, and others stay", () => {
  expect(withoutSecretValues(["k0s", "--token", "hunter2", "--v", "1", "--auth-token", "-x"])).toEqual([
    "k0s",
    "--token",
    blot,
    "--v",
    "1",
    "--auth-token",
    "-x",
  ]);
});
