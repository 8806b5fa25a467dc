// What differs between an object as it is and as it would be, field by field. Pure.

import { isExactNumber } from "../std/exact-json.ts";
import { checksumAnnotation, originAnnotation, writeAnnotation } from "./stack-labels.ts";

export interface FieldChange {
  /** As the API server writes it: `.spec.containers[name="web"].image`. */
  readonly field: string;
  /** Undefined: it is not there. */
  readonly before: unknown;
  readonly after: unknown;
}

/** Values of a Secret are told by their length alone. */
export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const changes: FieldChange[] = [];
  compare("", before, after, changes);
  const secret = [before, after].some((object) => isMapping(object) && object["kind"] === "Secret");
  return secret ? changes.map(hidden) : changes;
}

/** What the server writes itself, and marks of the deployer that nobody has asked for. */
const passedOver: ReadonlySet<string> = new Set([
  ".status",
  ...["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"].map(
    (field) => `.metadata.${field}`,
  ),
  ...[checksumAnnotation, originAnnotation, writeAnnotation].map((name) => `.metadata.annotations.${name}`),
]);

function compare(field: string, before: unknown, after: unknown, changes: FieldChange[]): void {
  if (passedOver.has(field) || JSON.stringify(before) === JSON.stringify(after)) return;
  const [membersBefore, membersAfter] = [membersOf(before), membersOf(after)];
  if (canBeCompared(before, membersBefore, after, membersAfter)) {
    for (const name of new Set([...membersBefore.keys(), ...membersAfter.keys()]))
      compare(field + name, membersBefore.get(name), membersAfter.get(name), changes);
    return;
  }
  changes.push({ field, before, after });
}

type Members = ReadonlyMap<string, unknown>;

/** Both have members of one kind, or one of them is not there and the other has some. */
function canBeCompared(
  before: unknown,
  membersBefore: Members,
  after: unknown,
  membersAfter: Members,
): boolean {
  if (before === undefined) return membersAfter.size > 0;
  if (after === undefined) return membersBefore.size > 0;
  return isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after);
}

/** Items of a list go by their names if they have some, else by their places. */
function membersOf(value: unknown): Members {
  if (!isContainer(value)) return new Map();
  if (!Array.isArray(value)) return new Map(Object.entries(value).map(([key, inner]) => [`.${key}`, inner]));
  const names = value.map((item: unknown) => (isMapping(item) ? item["name"] : undefined));
  const named = names.every((name) => typeof name === "string") && new Set(names).size === names.length;
  return new Map(
    value.map((item: unknown, at) => [named ? `[name=${JSON.stringify(names[at])}]` : `[${at}]`, item]),
  );
}

/** Its values, and the copies of them that `kubectl apply` and upstream k0s keep in annotations. */
const secretFields = /^\.(data|stringData)\b|^\.metadata\.annotations\..*\/last-applied-configuration$/;

function hidden({ field, before, after }: FieldChange): FieldChange {
  if (!secretFields.test(field)) return { field, before, after };
  return { field, before: lengthOf(before), after: lengthOf(after) };
}

function lengthOf(value: unknown): unknown {
  return typeof value === "string" ? `(hidden, ${value.length} characters)` : value;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && !isExactNumber(value);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return isContainer(value) && !Array.isArray(value);
}
