// How the command tree differs from upstream's, as data; why it does is in reasons.ts.

import type { Command } from "../../../src/cli/core/command.ts";
import type { Flag } from "../../../src/cli/core/flag.ts";
import { errorMessage } from "../../../src/std/errors.ts";
import type { UpstreamCommand } from "./upstream-commands.ts";
import type { FlagKind, UpstreamFlag } from "./upstream-flags.ts";

export type Aspect =
  | "missing"
  | "refused"
  | "more"
  | "aliases"
  | "words"
  | "hidden"
  | "kind"
  | "letter"
  | "default"
  | "effect"
  | "values";

export interface Deviation {
  /** A command (`k0s doctor`) or a flag (`--yes`). */
  readonly subject: string;
  readonly aspect: Aspect;
  readonly upstream: string;
  readonly here: string;
  /** Those that have the flag, by their words after `k0s`; empty for a command. */
  readonly commands: readonly string[];
}

/** What a deviation is called where its reason is given; a flag that is only accepted is another thing than one that does something. */
export function reasonKey({ subject, aspect, here }: Deviation): string {
  return aspect === "more" && here !== "" ? `${subject} ${here}` : subject;
}

/** Commands that do something, by their words after `k0s`. */
export function commandsOf(root: Command): ReadonlyMap<string, Command> {
  const walk = (command: Command, path: readonly string[], hidden: boolean): [string, Command][] => {
    const shown = { ...command, hidden: hidden || command.hidden === true };
    const own: [string, Command][] = command.run === undefined ? [] : [[path.join(" "), shown]];
    return [...own, ...command.commands.flatMap((sub) => walk(sub, [...path, sub.name], shown.hidden))];
  };
  return new Map(walk(root, [], false));
}

export function deviationsOf(
  upstream: Readonly<Record<string, UpstreamCommand>>,
  here: ReadonlyMap<string, Command>,
): readonly Deviation[] {
  const names = [...new Set([...Object.keys(upstream), ...here.keys()])].toSorted();
  return merged(
    names.flatMap((name) => {
      const [theirs, ours] = [upstream[name], here.get(name)];
      const whole = { subject: `k0s ${name}`, upstream: "", here: "", commands: [] };
      if (ours === undefined) return [{ ...whole, aspect: "missing" as const }];
      if (theirs === undefined) return [{ ...whole, aspect: "more" as const }];
      return [...ofCommand(name, theirs, ours), ...ofFlags(name, theirs, ours)];
    }),
  );
}

function ofCommand(name: string, theirs: UpstreamCommand, ours: Command): readonly Deviation[] {
  const subject = `k0s ${name}`;
  const { args = { min: 0, max: 0 } } = ours;
  return differences(
    subject,
    [],
    [
      ["aliases", (theirs.aliases ?? []).join(", "), (ours.aliases ?? []).join(", ")],
      ["hidden", String(theirs.hidden ?? false), String(ours.hidden ?? false)],
      ...(theirs.passThrough === true
        ? []
        : [["words", range(theirs.args ?? [0, 0]), range([args.min, args.max])] as const]),
    ],
  );
}

function range([min, max]: readonly [number, number]): string {
  if (min === max) return String(min);
  return max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`;
}

function ofFlags(name: string, theirs: UpstreamCommand, ours: Command): readonly Deviation[] {
  const flags = Object.values(ours.flags);
  const known = theirs.flags.flatMap((flag) => {
    const own = flags.find((candidate) => candidate.name === flag.name);
    const subject = `--${flag.name}`;
    if (own === undefined)
      return [{ subject, aspect: "missing" as const, upstream: "", here: "", commands: [name] }];
    return ofFlag(name, flag, own);
  });
  const more = flags
    .filter((flag) => theirs.flags.every((one) => one.name !== flag.name))
    .map((flag) => ({
      subject: `--${flag.name}`,
      aspect: "more" as const,
      upstream: "",
      here: flag.deprecated === undefined ? "" : withoutEffect,
      commands: [name],
    }));
  return [...known, ...more];
}

const withoutEffect = "without effect";

function ofFlag(name: string, theirs: UpstreamFlag, ours: Flag<unknown>): readonly Deviation[] {
  const subject = `--${theirs.name}`;
  if (isRefused(ours)) return [{ subject, aspect: "refused", upstream: "", here: "", commands: [name] }];
  const lacking = theirs.values?.filter((value) => ours.choices?.includes(value) !== true) ?? [];
  return differences(
    subject,
    [name],
    [
      ["kind", kindText[theirs.kind], kindText[kindOf(ours)]],
      ["letter", theirs.short ?? "", ours.short ?? ""],
      ["default", theirs.default ?? zero(theirs.kind), defaultOf(ours)],
      ["effect", effect(theirs.obsolete === true), effect(ours.deprecated !== undefined)],
      ["values", lacking.join(", "), ""],
    ],
  );
}

function differences(
  subject: string,
  commands: readonly string[],
  pairs: readonly (readonly [Aspect, string, string])[],
): readonly Deviation[] {
  return pairs.flatMap(([aspect, upstream, here]) =>
    upstream === here ? [] : [{ subject, aspect, upstream, here, commands }],
  );
}

const effect = (obsolete: boolean): string => (obsolete ? withoutEffect : "");

const kindText: Readonly<Record<FlagKind, string>> = {
  switch: "on or off",
  text: "the last one counts",
  texts: "all of them count",
  list: "a list",
  map: "all of them count",
  "last map": "the last one counts",
  number: "a number",
  duration: "a duration",
};

const kinds: Readonly<Record<string, FlagKind>> = {
  "": "switch",
  string: "text",
  strings: "list",
  stringArray: "list",
  stringToString: "map",
  mapStringBool: "map",
  int: "number",
  duration: "duration",
};

function kindOf({ type, repeatable }: Flag<unknown>): FlagKind {
  const kind = kinds[type];
  if (kind === undefined) throw new Error(`nobody knows flags of type ${type}`);
  return kind === "text" && repeatable ? "texts" : kind;
}

function zero(kind: FlagKind): string {
  return kind === "switch" ? "false" : "";
}

function defaultOf(flag: Flag<unknown>): string {
  return flag.defaultText.replaceAll('"', "") || zero(kindOf(flag));
}

/** Whether it is an error to ask for something else than the default. */
export function isRefused(flag: Flag<unknown>): boolean {
  return ["true", "1", "1s"].some((value) => {
    try {
      flag.parse([value]);
      return false;
    } catch (err) {
      return errorMessage(err).includes("not available yet");
    }
  });
}

/** One for all commands whose flag differs in the same way. */
function merged(deviations: readonly Deviation[]): readonly Deviation[] {
  const groups = Map.groupBy(deviations, ({ subject, aspect, upstream, here }) =>
    JSON.stringify([subject, aspect, upstream, here]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, commands: group.flatMap(({ commands }) => commands) }];
  });
}
