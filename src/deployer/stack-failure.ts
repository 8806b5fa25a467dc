// What went wrong with the steps of a pass: for the log in one sentence, for the status of the stack object by object.

import { isKubeError, KubeError } from "../kube/errors.ts";
import { describeRef } from "../kube/types.ts";
import type { ObjectRef } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import { namedFirst } from "../std/named-first.ts";

export interface StepFailure {
  readonly ref: ObjectRef;
  /** `a.yaml:12`; undefined for objects made by code, or without a manifest. */
  readonly place: string | undefined;
  readonly message: string;
  /** The server does not know the kind, which a definition may change. */
  readonly unknownKind: boolean;
  /** The server has said no: nothing comes of the request any more, unlike of one whose answer was lost. */
  readonly refused: boolean;
}

const mostNamed = 3;

/** Some steps failed; the others were done. Running the stack again continues. */
export class StackError extends Error {
  override readonly name = "StackError";
  readonly failures: readonly StepFailure[];

  constructor(failures: readonly StepFailure[]) {
    super(namedFirst(failures.map(failureText), mostNamed, "; "));
    this.failures = failures;
  }
}

export function stepFailure(ref: ObjectRef, place: string | undefined, err: unknown): StepFailure {
  const unknownKind = isKubeError(err, "NoKindMatch");
  return { ref, place, message: errorMessage(err), unknownKind, refused: unknownKind || isRefusal(err) };
}

/** Whatever it is asked for later, the server does not take such an object; its kind and its namespace are there. */
export function refusesObject(err: unknown): boolean {
  if (!(err instanceof KubeError) || [401, 404].includes(err.status)) return false;
  if (saysNothing.some((words) => err.message.includes(words))) return false;
  // A value of another type than the field's: its own fault, as it puts it.
  return isRefusal(err) || err.message.includes("failed to create typed patch object");
}

/**
 * What a webhook with effects elsewhere leads to, which is not even asked in a trial, and what an API server says that has just
 * begun.
 */
const saysNothing = ["does not support dry run", "not yet ready to handle request"];

/** Time-outs, conflicts and "too many" are not: an earlier try may still be on its way. */
function isRefusal(err: unknown): boolean {
  if (!(err instanceof KubeError)) return false;
  return err.status >= 400 && err.status < 500 && ![408, 409, 429].includes(err.status);
}

/** Everything that failed waits for a definition. */
export function waitsForKinds(err: unknown): err is StackError {
  return err instanceof StackError && err.failures.every(({ unknownKind }) => unknownKind);
}

function failureText({ ref, place, message }: StepFailure): string {
  return `${describeRef(ref)}${place === undefined ? "" : ` (${place})`}: ${message}`;
}
