// A commander command that parses and fails as cobra and pflag do, since scripts know those rules: `--flag=false`,
// `-c=file`, `unknown flag: --x`. Commander keeps the tree, dispatch and completion.

import { Command as Commander, type ParseOptionsResult } from "commander";
import { didYouMean } from "../../std/did-you-mean.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { Command, GivenFlag, Invocation } from "./command.ts";
import type { Flag } from "./flag.ts";
import { helpText } from "./help.ts";
import type { CliIo } from "./io.ts";
import { refuseNotYetCommand } from "./not-yet-commands.ts";
import { handlerOn } from "./on-windows.ts";

export function usageError(message: string, hint?: string): UserError {
  return new UserError(message, { code: "usage", ...(hint === undefined ? {} : { hint }) });
}

export class CobraCommand extends Commander {
  readonly spec: Command;
  readonly io: CliIo;
  /** Texts given for each flag, by its name. */
  readonly given = new Map<string, string[]>();

  constructor(spec: Command, io: CliIo) {
    super(spec.name);
    this.spec = spec;
    this.io = io;
  }

  /** What commander itself complains about is for the user to put right, and is told once. */
  override error(message: string): never {
    throw usageError(message.replace(/^error: /, ""), this.helpHint());
  }

  override helpInformation(): string {
    return helpText(this.spec, this.path());
  }

  /** `k0s config validate` */
  path(): string {
    return this.parent instanceof CobraCommand ? `${this.parent.path()} ${this.name()}` : this.name();
  }

  override parseOptions(args: string[]): ParseOptionsResult {
    const sub = this.subCommandAt(args);
    // All flags are the sub-command's, those in front of its name, too; commander hands them on.
    if (sub !== undefined)
      return { operands: args.slice(sub, sub + 1), unknown: args.filter((_, at) => at !== sub) };
    const operands: string[] = [];
    for (let at = 0; at < args.length; at++) {
      const word = args[at] ?? "";
      if (word === "--") {
        operands.push(...args.slice(at + 1));
        break;
      }
      if (word === "-" || !word.startsWith("-")) {
        operands.push(word);
        continue;
      }
      if (word === "--help" || word === "-h") {
        this.io.out(this.helpInformation());
        throw new HelpShown();
      }
      at += word.startsWith("--") ? this.parseLong(word, args[at + 1]) : this.parseShorts(word, args[at + 1]);
    }
    return { operands, unknown: [] };
  }

  /** Runs the command's handler on what was parsed. */
  async invoke(args: readonly string[]): Promise<number> {
    const { spec, io } = this;
    if (spec.deprecated !== undefined) io.err(`Command "${spec.name}" is deprecated, ${spec.deprecated}\n`);
    const [first] = args;
    if (first !== undefined && (spec.run === undefined || spec.args === undefined)) {
      throw usageError(
        `unknown command ${JSON.stringify(first)} for ${JSON.stringify(this.path())}`,
        this.suggestion(first) ?? this.helpHint(),
      );
    }
    const run = handlerOn(process.platform, spec, this.path());
    if (run === undefined) {
      io.out(this.helpInformation());
      return 0;
    }
    checkArgCount(args.length, spec);
    const { flags, given } = this.flagValues();
    return (await run({ flags, given, givenTexts: this.givenTexts(), args, io })) ?? 0;
  }

  /** Where the name of a sub-command is: the first word that is neither a flag nor the value of one. */
  private subCommandAt(args: readonly string[]): number | undefined {
    const { commands } = this.spec;
    if (commands.length === 0) return undefined;
    const flags = [this.spec, ...commands].flatMap((command) => Object.values(command.flags));
    for (let at = 0; at < args.length; at++) {
      const word = args[at] ?? "";
      if (word === "-" || !word.startsWith("-")) {
        // Of a command that is not there yet, every flag would be an unknown one.
        if (this.parent === null) refuseNotYetCommand(word);
        return this.hasSubCommand(word) ? at : undefined;
      }
      if (word === "--") return undefined;
      if (word === "--help" || word === "-h" || word.includes("=")) continue;
      const value = valueOf(word, flags);
      if (value === "unknown") return undefined;
      if (value === "next") at++;
    }
    return undefined;
  }

  private hasSubCommand(name: string): boolean {
    return this.spec.commands.some((command) => command.name === name || command.aliases?.includes(name));
  }

  private suggestion(word: string): string | undefined {
    const names = this.spec.commands
      .filter((command) => command.hidden !== true)
      .map((command) => command.name);
    const near = names.find((name) => word !== "" && name.startsWith(word)) ?? didYouMean(word, names);
    return near === undefined ? undefined : `Did you mean this?  ${this.path()} ${near}`;
  }

  /** `--name value`, `--name=value`; returns how many words of the rest it took. */
  private parseLong(word: string, next: string | undefined): number {
    const at = word.indexOf("=");
    const name = at < 0 ? word.slice(2) : word.slice(2, at);
    const flag = flagNamed(name, Object.values(this.spec.flags));
    if (flag === undefined) throw usageError(`unknown flag: --${name}`, this.helpHint());
    if (at >= 0) {
      this.note(flag, word.slice(at + 1));
      return 0;
    }
    if (flag.type === "") {
      this.note(flag, "true");
      return 0;
    }
    if (next === undefined) throw usageError(`flag needs an argument: --${name}`, this.helpHint());
    this.note(flag, next);
    return 1;
  }

  /** `-v`, `-vd`, `-c file`, `-cfile`, `-c=file`; returns how many words of the rest it took. */
  private parseShorts(word: string, next: string | undefined): number {
    for (let at = 1; at < word.length; at++) {
      const short = word.charAt(at);
      const flag = Object.values(this.spec.flags).find((candidate) => candidate.short === short);
      if (flag === undefined)
        throw usageError(`unknown shorthand flag: '${short}' in ${word}`, this.helpHint());
      const rest = word.slice(at + 1);
      if (rest.startsWith("=")) {
        this.note(flag, rest.slice(1));
        return 0;
      }
      if (flag.type !== "") {
        if (rest === "" && next === undefined)
          throw usageError(`flag needs an argument: '${short}' in ${word}`, this.helpHint());
        this.note(flag, rest === "" ? (next ?? "") : rest);
        return rest === "" ? 1 : 0;
      }
      this.note(flag, "true");
    }
    return 0;
  }

  private note(flag: Flag<unknown>, text: string): void {
    if (flag.deprecated !== undefined)
      this.io.err(`Flag --${flag.name} has been deprecated, ${flag.deprecated}\n`);
    const texts = [...(this.given.get(flag.name) ?? []), text];
    this.given.set(flag.name, texts);
    try {
      flag.parse(texts);
    } catch (err) {
      const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
      throw usageError(
        `invalid argument ${JSON.stringify(text)} for "${names}" flag: ${errorMessage(err)}`,
        this.helpHint(),
      );
    }
  }

  private flagValues(): Pick<Invocation, "flags" | "given"> {
    const flags: Record<string, unknown> = {};
    const given = new Set<string>();
    for (const [key, flag] of Object.entries(this.spec.flags)) {
      const texts = this.given.get(flag.name);
      flags[key] = texts === undefined ? flag.defaultValue : flag.parse(texts);
      if (texts === undefined) continue;
      given.add(key);
      for (const remark of flag.remarks?.(texts) ?? []) this.io.err(`Flag --${flag.name}: ${remark}\n`);
      // As pflag does it; but nobody should have to guess which one it was. The values may be long, or private.
      if (!flag.repeatable && new Set(texts).size > 1)
        this.io.err(`Flag --${flag.name} was given ${texts.length} times; the last one counts\n`);
    }
    return { flags, given };
  }

  private givenTexts(): GivenFlag[] {
    return Object.values(this.spec.flags).flatMap((flag) => {
      const texts = this.given.get(flag.name);
      return texts === undefined ? [] : [{ name: flag.name, value: flag.format(texts) }];
    });
  }

  private helpHint(): string {
    return `See '${this.path()} --help'.`;
  }
}

/** Ends parsing after `--help`. */
export class HelpShown extends Error {
  override readonly name = "HelpShown";
}

function flagNamed(word: string, flags: readonly Flag<unknown>[]): Flag<unknown> | undefined {
  return flags.find(({ name, aliases }) => name === word || aliases?.includes(word) === true);
}

/** Where the value of a flag without an equals sign is: `-cfile` holds it, `-dc` has it in the next word. */
function valueOf(word: string, flags: readonly Flag<unknown>[]): "none" | "inside" | "next" | "unknown" {
  if (word.startsWith("--")) {
    const flag = flagNamed(word.slice(2), flags);
    if (flag === undefined) return "unknown";
    return flag.type === "" ? "none" : "next";
  }
  for (let at = 1; at < word.length; at++) {
    const flag = flags.find(({ short }) => short === word.charAt(at));
    if (flag === undefined) return "unknown";
    if (flag.type !== "") return at === word.length - 1 ? "next" : "inside";
  }
  return "none";
}

function checkArgCount(count: number, { args = { min: 0, max: 0 } }: Command): void {
  if (args.min === args.max && count !== args.min)
    throw usageError(`accepts ${args.min} arg(s), received ${count}`);
  if (count < args.min) throw usageError(`requires at least ${args.min} arg(s), only received ${count}`);
  if (count > args.max) throw usageError(`accepts at most ${args.max} arg(s), received ${count}`);
}
