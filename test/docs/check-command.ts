// Whether a documented command can be run as it stands: the command and its flags exist, and the targets of make do.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildProgram } from "../../src/cli/core/build-program.ts";
import type { Command } from "../../src/cli/core/command.ts";
import { rootCommand } from "../../src/cli/program.ts";
import { testIo } from "../../src/cli/core/test-io.ts";
import { errorMessage } from "../../src/std/errors.ts";
import type { DocumentedCommand } from "./documented-commands.ts";

/** Of every host that has such a service manager: their words are not this project's. */
const hostPrograms = ["install", "systemctl"];

const top = join(import.meta.dir, "../..");
/** Of kubectl, as far as our pages use them. */
const kubectlVerbs = [
  "get",
  "annotate",
  "describe",
  "logs",
  "patch",
  "apply",
  "create",
  "exec",
  "delete",
  "wait",
  "top",
  "label",
  "scale",
];

/** What is wrong with it, or undefined. */
export async function commandProblem({ words, kind }: DocumentedCommand): Promise<string | undefined> {
  const [program = "", ...args] = words;
  if (program === "k0s") return kind === "block" ? parseProblem(args) : mentionProblem(args);
  if (program === "kubectl") return kubectlProblem(args);
  if (program === "make") return makeProblem(args);
  if (hostPrograms.includes(program)) return undefined;
  // A file or a folder.
  const path = program === "bun" ? (args.find((word) => word.includes("/")) ?? program) : program;
  return existsSync(join(top, path)) ? undefined : `there is no ${path}`;
}

/** A whole command line, through the parser of the product; no handler runs. */
async function parseProblem(args: readonly string[]): Promise<string | undefined> {
  const [command = "", ...rest] = args;
  if (command === "kubectl" || command === "kc") return kubectlProblem(rest);
  const separator = args.indexOf("--");
  if (separator > 0) {
    const [inner = "", ...innerArgs] = args.slice(separator + 1);
    const problem = inner === "k0s" ? await parseProblem(innerArgs) : undefined;
    if (problem !== undefined) return problem;
  }
  let ran = false;
  const program = buildProgram(
    withHandler(rootCommand, async () => void (ran = true)),
    testIo(),
    () => undefined,
  );
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (err) {
    return errorMessage(err);
  }
  return ran ? undefined : "only groups commands";
}

function withHandler(command: Command, run: () => Promise<void>): Command {
  const { run: own, commands, ...rest } = command;
  return {
    ...rest,
    commands: commands.map((one) => withHandler(one, run)),
    ...(own === undefined ? {} : { run }),
  };
}

/** In a sentence flags may lack their values, and words may stand for others. */
function mentionProblem(args: readonly string[]): string | undefined {
  // An error's text, not a command.
  if (args[0] === "…") return undefined;
  let command: Command = rootCommand;
  for (const word of args) {
    if (word === "--" || command.passThrough === true) return undefined;
    if (word === "help" || word === "--help" || word === "…" || /^<.*>$/.test(word)) continue;
    if (word.startsWith("-")) {
      const name = word.replace(/^-+/, "").split("=")[0] ?? "";
      const known = Object.values(command.flags).some(
        (flag) => (word.startsWith("--") ? flag.name : flag.short) === name,
      );
      if (!known) return `${command.name} has no flag ${word}`;
      continue;
    }
    const sub = command.commands.find((one) => one.name === word || one.aliases?.includes(word));
    if (sub === undefined && command.commands.length > 0 && command.run === undefined) {
      return `${command.name} has no command ${word}`;
    }
    command = sub ?? command;
  }
  return undefined;
}

function kubectlProblem(args: readonly string[]): string | undefined {
  return args.some((word) => kubectlVerbs.includes(word))
    ? undefined
    : `kubectl ${args.join(" ")} has no known verb`;
}

function makeProblem(args: readonly string[]): string | undefined {
  const targets = [...readFileSync(join(top, "Makefile"), "utf8").matchAll(/^([a-z0-9-]+):/gm)].map(
    ([, name]) => name,
  );
  const target = args.find((word) => !word.includes("="));
  return targets.includes(target) ? undefined : `the Makefile has no target ${target}`;
}
