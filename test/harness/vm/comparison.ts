// What a virtual machine had before k0s and has after it, as a table to be read, and the lines that differ.

import { formatTable } from "../../../src/std/text-table.ts";
import { type MachineSnapshot, snapshotDifference } from "../machine-snapshot.ts";

export interface Comparison {
  readonly table: string;
  /** Kind → lines that came or went, without those that are the system's own. */
  readonly differences: Readonly<Record<string, readonly string[]>>;
}

/** `ownChanges`: lines that a system changes by itself while it runs. */
export function compareSnapshots(
  before: MachineSnapshot,
  after: MachineSnapshot,
  ownChanges: readonly RegExp[],
): Comparison {
  const all = snapshotDifference(before, after);
  const differences = Object.fromEntries(
    Object.entries(all)
      .map(
        ([kind, lines]) =>
          [kind, lines.filter((line) => !ownChanges.some((own) => own.test(line.slice(2))))] as const,
      )
      .filter(([, lines]) => lines.length > 0),
  );
  const rows = Object.keys(after).map((kind) => {
    const others = (all[kind]?.length ?? 0) - (differences[kind]?.length ?? 0);
    return [
      kind,
      String(before[kind]?.length ?? 0),
      String(after[kind]?.length ?? 0),
      String(differences[kind]?.length ?? 0),
      String(others),
    ];
  });
  return {
    table: formatTable(["KIND", "BEFORE", "AFTER", "OF K0S", "OF THE SYSTEM"], rows),
    differences,
  };
}
