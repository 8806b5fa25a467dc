// Whether a place answers at all: a look at a file system whose server is away never returns.

import { stat } from "node:fs/promises";
import { UserError } from "../std/errors.ts";
import { listMounts, mountHolding } from "./mounts.ts";

export interface AnsweringOptions {
  /** In ms; default 10 s. */
  readonly patienceMs?: number;
  readonly look?: (path: string) => Promise<unknown>;
}

/** Throws a UserError when one of the paths, which need not exist, is not answered for within the time. */
export async function assertAnswering(
  paths: readonly string[],
  { patienceMs = 10_000, look = stat }: AnsweringOptions = {},
): Promise<void> {
  for (const path of paths) {
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), patienceMs);
    // Whatever the answer is, it is one: what is wrong with the place is said by whoever uses it.
    const answer = Promise.allSettled([look(path)]);
    const first = await Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
    if (first === "late") throw await silent(path, patienceMs);
  }
}

async function silent(path: string, patienceMs: number): Promise<UserError> {
  const mount = mountHolding(await listMounts(), path);
  const what = mount === undefined ? "" : `: ${mount.type} ${mount.source} is mounted at ${mount.target}`;
  return new UserError(`${path} does not answer within ${patienceMs / 1000} s${what}`, {
    code: "no-answer",
    hint: `Bring its server or device back, or take it off, \`umount -f -l ${mount?.target ?? path}\`, and try again.`,
  });
}
