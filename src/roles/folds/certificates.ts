// Who has to be started again when a certificate was renewed.

import type { Declaration } from "../../supervisor/declaration.ts";

/** Certificate → those that read it only when they start, as they are called while they run. */
export function readersOnceOf(declarations: readonly Declaration[]): ReadonlyMap<string, readonly string[]> {
  const reads = declarations.flatMap(({ name, runningName = name, certificatesReadOnce = [] }) =>
    certificatesReadOnce.map((certificate) => ({ certificate, reader: runningName })),
  );
  const readers = Map.groupBy(reads, ({ certificate }) => certificate);
  return new Map([...readers].map(([certificate, of]) => [certificate, of.map(({ reader }) => reader)]));
}
