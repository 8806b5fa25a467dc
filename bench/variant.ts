// What is measured: which k0s file, in which environment. Two of them make a pair.

import { realpath } from "node:fs/promises";
import { isNotFound, UserError } from "../src/std/errors.ts";

export interface Variant {
  /** Default: that of this build. */
  readonly k0s?: string;
  /** Of k0s, besides what every machine has. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface BesideOptions {
  readonly beside?: string | undefined;
  /** `NAME=VALUE`, each for one variable. */
  readonly besideEnv?: readonly string[] | undefined;
}

/** What is taken beside this build: another file, this one with other variables, or both; undefined: nothing. */
export async function besideVariant({ beside, besideEnv = [] }: BesideOptions): Promise<Variant | undefined> {
  if (beside === undefined && besideEnv.length === 0) return undefined;
  return {
    ...(beside === undefined ? {} : { k0s: await fileOf(beside) }),
    ...(besideEnv.length === 0 ? {} : { env: environmentOf(besideEnv) }),
  };
}

/** Which file it is, wherever one stands. */
async function fileOf(path: string): Promise<string> {
  return await realpath(path).catch((err: unknown) => {
    throw isNotFound(err) ? new UserError(`--beside ${path}: there is no such file`, { cause: err }) : err;
  });
}

export function environmentOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word): [string, string] => {
      const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word) ?? [];
      if (name === undefined || value === undefined)
        throw new UserError(`--beside-env ${word} sets no variable: write NAME=VALUE`);
      return [name, value];
    }),
  );
}

/** In a few words. */
export function describeVariant({ k0s, env = {} }: Variant): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [k0s ?? "this build", ...variables].join(" ");
}
