// Which stack wants which object. An object may be in the manifests of two stacks, for a moment while it moves from one
// folder to another, or for good by mistake: the one that had it first keeps it until it lets go.

export interface Claims {
  /** The stack wants exactly these objects now. Returns the stacks that want what it let go. */
  set(stack: string, keys: readonly string[]): string[];
  /** Another stack that wants the object as well, whichever was first. */
  otherThan(stack: string, key: string): string | undefined;
  /** Another stack that came first. */
  takenFrom(stack: string, key: string): string | undefined;
  /** Why it is not known what the stack wants, e.g. because its manifests cannot be read; undefined when it is. */
  setUnknown(stack: string, why: string | undefined): void;
  /** Why it is not known what another stack wants. */
  unknownOtherThan(stack: string): string | undefined;
}

export function createClaims(): Claims {
  const claimants = new Map<string, Set<string>>();
  const held = new Map<string, ReadonlySet<string>>();
  const unknown = new Map<string, string>();
  return {
    set(stack, keys) {
      const next = new Set(keys);
      const freed = new Set<string>();
      for (const key of held.get(stack) ?? []) {
        if (next.has(key)) continue;
        const rest = claimants.get(key);
        rest?.delete(stack);
        if (rest?.size === 0) claimants.delete(key);
        for (const other of rest ?? []) freed.add(other);
      }
      for (const key of next) {
        const present = claimants.get(key);
        if (present === undefined) claimants.set(key, new Set([stack]));
        else present.add(stack);
      }
      if (next.size === 0) held.delete(stack);
      else held.set(stack, next);
      return [...freed];
    },
    otherThan: (stack, key) => [...(claimants.get(key) ?? [])].find((other) => other !== stack),
    takenFrom(stack, key) {
      const [first] = claimants.get(key) ?? [];
      return first === stack ? undefined : first;
    },
    setUnknown(stack, why) {
      if (why === undefined) unknown.delete(stack);
      else unknown.set(stack, why);
    },
    unknownOtherThan: (stack) => [...unknown].find(([other]) => other !== stack)?.[1],
  };
}
