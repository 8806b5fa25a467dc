// Who reads a certificate.

import type { Declaration } from "../../supervisor/declaration.ts";

/** Certificate → those that read it, as they are called while they run. */
export function readersOf(declarations: readonly Declaration[]): ReadonlyMap<string, readonly string[]> {
  return readersThat(declarations, ["once", "again"]);
}

/** The same of those that read it only when they start, and have to be started again when it was renewed. */
export function readersOnceOf(declarations: readonly Declaration[]): ReadonlyMap<string, readonly string[]> {
  return readersThat(declarations, ["once"]);
}

function readersThat(
  declarations: readonly Declaration[],
  ways: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const reads = declarations.flatMap(({ name, runningName = name, certificates = {} }) =>
    Object.entries(certificates).flatMap(([certificate, how]) =>
      ways.includes(how) ? [{ certificate, reader: runningName }] : [],
    ),
  );
  const readers = Map.groupBy(reads, ({ certificate }) => certificate);
  return new Map([...readers].map(([certificate, of]) => [certificate, of.map(({ reader }) => reader)]));
}
