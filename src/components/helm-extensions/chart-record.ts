// What this controller's own k0s.yaml has named, kept over restarts: without that proof no Chart is deleted because the file
// does not have it. A controller with another file, or none, may take the lead any time. docs/adr/0042, docs/adr/0069.

import { join } from "node:path";
import type { GroupVersionKind, KubeObject } from "../../kube/types.ts";
import { ensureDir, readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { chartKind } from "./chart.ts";
import { secretKind } from "../../kube/objects/secret.ts";

export interface NamedCharts {
  /** Adds what the file names now. */
  add(objects: readonly KubeObject[]): Promise<void>;
  /** What it does not name any more is gone from the cluster. */
  settle(objects: readonly KubeObject[]): Promise<void>;
  /** Whether it has ever been named here. */
  has(object: GroupVersionKind & { readonly name: string }): boolean;
}

/** `dir` is that of the records of all stacks. Reads it, and forgets what cannot be read: then more is kept. */
export async function openNamedCharts(dir: string): Promise<NamedCharts> {
  await ensureDir(dir, { mode: 0o700 });
  const path = join(dir, "helm-charts");
  let names: ReadonlySet<string> = new Set(
    (await readFileIfExists(path))?.split("\n").filter((line) => line !== ""),
  );
  const save = async (next: ReadonlySet<string>): Promise<void> => {
    if (next.size === names.size && [...next].every((name) => names.has(name))) return;
    await writeFileAtomic(
      path,
      [...next]
        .toSorted()
        .map((name) => `${name}\n`)
        .join(""),
      { mode: 0o600 },
    );
    names = next;
  };
  return {
    add: (objects) => save(new Set([...names, ...namesOf(objects)])),
    settle: (objects) => save(new Set(namesOf(objects))),
    has: ({ kind, name }) => names.has(`${kind} ${name}`),
  };
}

function namesOf(objects: readonly KubeObject[]): string[] {
  return objects
    .filter(({ kind }) => kind === chartKind.kind || kind === secretKind.kind)
    .map(({ kind, metadata }) => `${kind} ${metadata.name ?? ""}`);
}
