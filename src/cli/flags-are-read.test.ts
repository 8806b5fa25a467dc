// A flag that nobody reads is a promise that nobody keeps: every flag of every command has its reader in the source.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "./core/command.ts";
import type { Flag } from "./core/flag.ts";
import { controllerCommandFlags, controllerOptions, type ControllerFlagValues } from "./node/options.ts";
import { absentComponents, disableableComponents } from "./controller/flags.ts";
import { rootCommand } from "./program.ts";
import { controllerRole } from "../roles/controller.ts";
import { workerRole } from "../roles/worker.ts";

const src = join(import.meta.dir, "..");

/** The source without tests and without the files that only declare or hand on. */
function sourceWithout(...left: readonly string[]): string {
  return [...new Bun.Glob("**/*.ts").scanSync(src)]
    .filter((file) => !file.endsWith(".test.ts") && !left.includes(file))
    .map((file) => readFileSync(join(src, file), "utf8"))
    .join("\n");
}

/** `flags.key`, or taken out of an object by its name. */
function isRead(key: string, source: string): boolean {
  return new RegExp(String.raw`\.${key}\b|[{,]\s*${key}\s*(?:,|\}|= )`).test(source);
}

/** Those that are accepted without effect say so when they are used. */
function flagsOf(command: Command, path: readonly string[] = []): [string, string, Flag<unknown>][] {
  const own = Object.entries(command.flags)
    .filter(([, flag]) => flag.deprecated === undefined && !isNotYet(flag))
    .map(([key, flag]): [string, string, Flag<unknown>] => [
      [...path, `--${flag.name}`].join(" "),
      key,
      flag,
    ]);
  return [...own, ...command.commands.flatMap((sub) => flagsOf(sub, [...path, sub.name]))];
}

/** Refused as soon as it is given, so that nobody needs to read it. */
function isNotYet(flag: Flag<unknown>): boolean {
  try {
    flag.parse([flag.type === "int" ? "1" : flag.type === "duration" ? "1s" : "true"]);
    return false;
  } catch (err) {
    return String(err).includes("not available yet");
  }
}

describe("every flag is read", () => {
  const source = sourceWithout("cli/controller/flags.ts", "cli/worker/flags.ts");
  test.each(flagsOf(rootCommand))("k0s %s", (_, key) => expect(isRead(key, source)).toBe(true));
});

describe("every option of a node is read", () => {
  const source = sourceWithout("cli/node/options.ts", "components/node-options.ts");
  const values = Object.fromEntries(
    Object.entries(controllerCommandFlags).map(([key, flag]) => [key, flag.defaultValue]),
  ) as unknown as ControllerFlagValues;
  const options = Object.keys(controllerOptions(values, [], { takeSecret: () => undefined, root: true }));
  test.each(options)("%s", (key) => expect(isRead(key, source)).toBe(true));
});

describe("every component that can be disabled is made by the list of its role, which asks whether it is", () => {
  const declared = [...controllerRole, ...workerRole];
  const present = disableableComponents.filter((name) => !absentComponents.includes(name));
  test.each(present)("%s", (name) => {
    const made = declared.find((declaration) => declaration.name === name)?.make !== undefined;
    // kube-proxy is one of the parts of a worker that know the settings of their cluster.
    expect(made || name === "kube-proxy").toBe(true);
  });
});
