// What applying stacks would change, as text and as data. Pure.

import type { FieldChange } from "../../deployer/field-changes.ts";
import type { ObjectDiff } from "../../deployer/stack-diff.ts";
import { describeRef } from "../../kube/types.ts";
import { painter } from "../core/output.ts";
import { counted } from "./counted.ts";

export interface StackDiff {
  readonly stack: string;
  /** Files that cannot be read: nothing would be applied. */
  readonly problems: readonly string[];
  readonly objects: readonly ObjectDiff[];
}

/** Applying it would change nothing. */
export function isSame({ problems, objects }: StackDiff): boolean {
  return problems.length === 0 && objects.every(({ action }) => action === "same" || action === "keep");
}

export function diffData(diffs: readonly StackDiff[]): object {
  return {
    stacks: diffs.map(({ stack, problems, objects }) => ({
      name: stack,
      problems,
      objects: objects.map(({ ref, changes = [], ...rest }) => ({
        ...rest,
        object: ref,
        changes: changes.map(({ field, before = null, after = null }) => ({ field, before, after })),
      })),
    })),
  };
}

interface Shown {
  readonly sign: string;
  readonly colour: Parameters<ReturnType<typeof painter>>[0];
  readonly word: string;
  /** For a single one. */
  readonly one?: string;
}

const shown = {
  create: { sign: "+", colour: "green", word: "to create" },
  later: { sign: "+", colour: "green", word: "to create later" },
  change: { sign: "~", colour: "yellow", word: "to change" },
  delete: { sign: "-", colour: "red", word: "to delete" },
  refused: { sign: "!", colour: "red", word: "refused" },
  keep: { sign: "=", colour: "dim", word: "left as they are", one: "left as it is" },
  same: { sign: " ", colour: "dim", word: "as in the manifests" },
} satisfies Readonly<Record<ObjectDiff["action"], Shown>>;

export function diffText(diffs: readonly StackDiff[], terminal: boolean): string {
  const paint = painter(terminal);
  return diffs
    .map(({ stack, problems, objects }) => {
      const counts = Object.entries<Shown>(shown).flatMap(([action, { word, one = word }]) => {
        const count = objects.filter((object) => object.action === action).length;
        return count === 0 ? [] : [counted(count, one, word)];
      });
      const summary = problems.length > 0 ? "nothing is applied" : counts.join(", ") || "no objects";
      const lines = objects
        .filter(({ action }) => action !== "same")
        .flatMap((object) => {
          const { sign, colour } = shown[object.action];
          return [paint(colour, `  ${sign} ${headOf(object)}`), ...detailsOf(object)];
        });
      return [
        `${paint("bold", stack)}: ${summary}`,
        ...problems.map((problem) => paint("red", `  ! ${problem}`)),
        ...lines,
        "",
      ].join("\n");
    })
    .join("");
}

function headOf({ ref, place, why }: ObjectDiff): string {
  return `${describeRef(ref)}${place === undefined ? "" : ` (${place})`}${why === undefined ? "" : `: ${why}`}`;
}

function detailsOf({ changes = [], left = [] }: ObjectDiff): string[] {
  return [
    ...changes.map((change) => `      ${changeText(change)}`),
    ...left.map(({ field, by }) => `      ${field}: left to ${by}, who set it`),
  ];
}

function changeText({ field, before, after }: FieldChange): string {
  if (before === undefined) return `${field}: ${valueText(after)} is added`;
  if (after === undefined) return `${field}: ${valueText(before)} is removed`;
  return `${field}: ${valueText(before)} -> ${valueText(after)}`;
}

const longestValue = 120;

function valueText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`;
}
