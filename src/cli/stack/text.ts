// Stacks as text and as data. Pure.

import type { StackPhase, StackStatus } from "../../deployer/stack-status.ts";
import { formatTable } from "../../std/text-table.ts";
import { formatAge, painter } from "../core/output.ts";
import { counted } from "./counted.ts";
import type { KnownChart } from "../../components/helm-extensions/known-charts.ts";

export interface KnownStack {
  readonly name: string;
  /** This host has a folder of it. */
  readonly folder: boolean;
  /** Undefined as long as no leader has looked at it. */
  readonly status: StackStatus | undefined;
}

/** `Pending`: no controller that leads has looked at its folder. */
type ShownPhase = StackPhase | "Pending";

export function phaseOf({ status }: KnownStack): ShownPhase {
  return status?.phase ?? "Pending";
}

/** Nothing is missing that the manifests ask for. */
export function isWell(stack: KnownStack): boolean {
  const phase = phaseOf(stack);
  return phase === "Applied" || phase === "Empty" || phase === "Removing";
}

/** For `-o json` and `-o yaml`. */
export function stackData(stacks: readonly KnownStack[], charts: readonly KnownChart[]): object {
  return {
    charts,
    stacks: stacks.map((stack) => ({
      name: stack.name,
      ...(stack.status ?? { phase: phaseOf(stack) }),
      folder: stack.folder,
    })),
  };
}

export function listText(stacks: readonly KnownStack[], now: number): string {
  const rows = stacks.map((stack) => [
    stack.name,
    phaseOf(stack),
    stack.status === undefined ? "" : String(stack.status.objects),
    stack.status === undefined ? "" : formatAge(now - Date.parse(stack.status.since)),
    messageOf(stack),
  ]);
  return formatTable(["STACK", "STATUS", "OBJECTS", "SINCE", "MESSAGE"], rows);
}

/** The most important word about a stack. */
function messageOf({ status }: KnownStack): string {
  if (status === undefined) return "no leading controller has looked at this folder";
  const [first] = status.problems;
  if (first !== undefined) {
    const more = status.problems.length - 1 + (status.moreProblems ?? 0);
    return problemText(first) + (more > 0 ? ` (and ${more} more)` : "");
  }
  const kept = status.kept.reduce((sum, { objects, more = 0 }) => sum + objects.length + more, 0);
  const left = status.left.length;
  const words = [
    ...(kept > 0 ? [counted(kept, "object is left as it is", "objects are left as they are")] : []),
    ...(left > 0 ? [counted(left, "field is left to who set it", "fields are left to who set them")] : []),
    ...(status.notes.length > 0 ? [counted(status.notes.length, "note")] : []),
    ...(status.repaired === undefined ? [] : [`repaired ${times(status.repaired.times)}`]),
  ];
  return words.join(", ");
}

export function statusText(stacks: readonly KnownStack[], now: number, terminal: boolean): string {
  const paint = painter(terminal);
  return stacks
    .map((stack) => {
      const { status } = stack;
      const colour = isWell(stack) ? "green" : "red";
      const head = `${paint("bold", stack.name)}: ${paint(colour, phaseOf(stack))}`;
      if (status === undefined) return `${head}, ${messageOf(stack)}\n`;
      const ago = (at: string): string => `${formatAge(now - Date.parse(at))} ago`;
      const lines = [
        `${head} since ${ago(status.since)}, ${counted(status.objects, "object")}, by ${status.controller}`,
        ...(status.changedAt === undefined ? [] : [`  changed      ${ago(status.changedAt)}`]),
        ...status.problems.map((problem) => `  ${troubleWord(status.phase)} ${problemText(problem)}`),
        ...(status.moreProblems === undefined ? [] : [`               and ${status.moreProblems} more`]),
        ...status.kept.map(({ objects, more, why }) => `  left as is   ${named(objects, more)}: ${why}`),
        ...status.left.map(
          ({ object, field, by }) => `  not taken    ${object}: ${field} is ${by}'s, who set it`,
        ),
        ...status.notes.map((note) => `  note         ${note}`),
        ...(status.repaired === undefined
          ? []
          : [
              `  repaired     ${times(status.repaired.times)}, last ${ago(status.repaired.at)}: ${named(status.repaired.objects, undefined)}`,
            ]),
      ];
      return `${lines.join("\n")}\n`;
    })
    .join("\n");
}

/** As wide as the other words. */
function troubleWord(phase: StackPhase): string {
  if (phase === "Waiting") return "waiting     ";
  return phase === "Unmanaged" ? "unmanaged   " : "failed      ";
}

function problemText({ object, place, message }: StackStatus["problems"][number]): string {
  if (object === undefined) return message;
  return `${object}${place === undefined ? "" : ` (${place})`}: ${message}`;
}

function named(objects: readonly string[], more: number | undefined): string {
  return objects.join(", ") + (more === undefined ? "" : ` and ${more} more`);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
