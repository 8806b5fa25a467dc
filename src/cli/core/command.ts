// A command as a value: name, words for help, flags, and a handler that is imported only when the command runs.

import type { FlagSet, FlagValues } from "./flag.ts";
import type { CliIo } from "./io.ts";

export interface Invocation<F extends FlagSet = FlagSet> {
  readonly flags: FlagValues<F>;
  /** Keys of the flags that were given on the command line. */
  readonly given: ReadonlySet<keyof F>;
  /** The same by their names, each with one text that means what was given; for commands that write it down. */
  readonly givenTexts: readonly GivenFlag[];
  readonly args: readonly string[];
  readonly io: CliIo;
}

export interface GivenFlag {
  readonly name: string;
  readonly value: string;
}

/** How many words a command takes besides its flags. */
interface ArgSpec {
  readonly min: number;
  readonly max: number;
  /** Values for completion. */
  readonly choices?: readonly string[];
}

interface CommandMeta {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Arguments as the usage line shows them, e.g. `[join-token]`. */
  readonly usage?: string;
  readonly summary: string;
  /** Longer text for help; the summary when absent. */
  readonly description?: string;
  readonly example?: string;
  readonly hidden?: boolean;
  /** Shown when the command is used, e.g. `use 'k0s config create'`. */
  readonly deprecated?: string;
  readonly args?: ArgSpec;
  /** Everything after the name belongs to another program (kubectl, ctr). */
  readonly passThrough?: boolean;
}

/** A command whose flag types are hidden: what the tree is made of. */
export interface Command extends CommandMeta {
  readonly flags: FlagSet;
  readonly commands: readonly Command[];
  /** Absent: the command only groups others and prints its help. Resolves to the exit code, 0 if void. */
  readonly run?: Handler;
  /** What it does on Windows: the same, or something of its own. Absent: it does not run there. */
  readonly onWindows?: true | Handler;
}

type Handler<F extends FlagSet = FlagSet> = (invocation: Invocation<F>) => Promise<number | void>;

export interface CommandDefinition<F extends FlagSet> extends CommandMeta {
  readonly flags?: F;
  readonly commands?: readonly Command[];
  readonly run?: Handler<F>;
  readonly onWindows?: true | Handler<F>;
}

/** Types the handler's flags by the flags of the definition. */
export function defineCommand<const F extends FlagSet>(definition: CommandDefinition<F>): Command {
  const { flags, commands, run, onWindows, ...meta } = definition;
  return {
    ...meta,
    flags: flags ?? {},
    commands: commands ?? [],
    // The parser fills exactly the keys of `flags` (build-program.ts), so the narrower type holds.
    ...(run === undefined ? {} : { run: run as unknown as Handler }),
    ...(onWindows === undefined ? {} : { onWindows: onWindows as unknown as true | Handler }),
  };
}
