// Whether a place answers at all: a look at a file system whose server is away never returns.

import { stat } from "node:fs/promises";
import { UserError } from "../std/errors.ts";
import { listMounts, mountHolding } from "./mounts.ts";

const defaultPatienceMs = 10_000;

export interface AnsweringOptions {
  /** In ms; default 10 s. */
  readonly patienceMs?: number;
  readonly look?: (path: string) => Promise<unknown>;
}

/** Throws a UserError when a path, which need not exist, gets no answer in time. */
export async function assertAnswering(
  paths: readonly string[],
  options: AnsweringOptions = {},
): Promise<void> {
  for (const path of paths)
    if (!(await answers(path, options))) throw await silent(path, options.patienceMs ?? defaultPatienceMs);
}

/** The paths that get an answer, for callers that can do without the others. All are asked at the same time. */
export async function answering(
  paths: readonly string[],
  options: AnsweringOptions = {},
): Promise<readonly boolean[]> {
  return Promise.all(paths.map((path) => answers(path, options)));
}

async function answers(
  path: string,
  { patienceMs = defaultPatienceMs, look = stat }: AnsweringOptions,
): Promise<boolean> {
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), patienceMs);
  // Any answer will do: what is wrong with the place is said by those who use it.
  const answer = Promise.allSettled([look(path)]);
  const first = await Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
  return first !== "late";
}

async function silent(path: string, patienceMs: number): Promise<UserError> {
  const mount = mountHolding(await listMounts(), path);
  const what = mount === undefined ? "" : `: ${mount.type} ${mount.source} is mounted at ${mount.target}`;
  return new UserError(`${path} does not answer within ${patienceMs / 1000} s${what}`, {
    code: "no-answer",
    hint: `Bring its server or device back, or take it off, \`umount -f -l ${mount?.target ?? path}\`, and try again.`,
  });
}
