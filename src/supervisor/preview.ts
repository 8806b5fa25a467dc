// What a component would do with a configuration, for those who want to know before it is done.

export interface Preview {
  /** Its process would be started again with these. */
  readonly flags?: FlagDifference;
  /** Manifests that it would write differently. */
  readonly files?: readonly FileDifference[];
}

export interface FlagDifference {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface FileDifference {
  /** Below the folder of manifests. */
  readonly file: string;
  readonly change: "create" | "change" | "delete";
}

/** Undefined if they are the same, in the same order. */
export function flagDifference(
  before: readonly string[],
  after: readonly string[],
): FlagDifference | undefined {
  if (Bun.deepEquals(before, after)) return undefined;
  return {
    removed: before.filter((flag) => !after.includes(flag)),
    added: after.filter((flag) => !before.includes(flag)),
  };
}

/** Of two sets of files, by their names. */
export function fileDifferences(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly FileDifference[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((file): FileDifference[] => {
    if (!after.has(file)) return [{ file, change: "delete" }];
    if (!before.has(file)) return [{ file, change: "create" }];
    return Bun.deepEquals(before.get(file), after.get(file)) ? [] : [{ file, change: "change" }];
  });
}
