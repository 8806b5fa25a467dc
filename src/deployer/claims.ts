// Which stack wants which object. An object may be in the manifests of two stacks, for a moment while it moves from one
// folder to another, or for good by mistake: whoever had it first has it until it lets go.

export interface Claims {
  /** The stack wants exactly these objects now. Returns the stacks that want what it let go. */
  set(stack: string, keys: readonly string[]): string[];
  /** Another stack that wants the object as well, whoever is first. */
  otherThan(stack: string, key: string): string | undefined;
  /** Another stack that came first. */
  takenFrom(stack: string, key: string): string | undefined;
  /** It is not known what the stack wants, because its manifests cannot be read. */
  setUnread(stack: string, unread: boolean): void;
  /** Another stack of which it is not known what it wants. */
  unreadOtherThan(stack: string): string | undefined;
}

export function createClaims(): Claims {
  const claimants = new Map<string, Set<string>>();
  const held = new Map<string, ReadonlySet<string>>();
  const unread = new Set<string>();
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
    setUnread(stack, value) {
      if (value) unread.add(stack);
      else unread.delete(stack);
    },
    unreadOtherThan: (stack) => [...unread].find((other) => other !== stack),
  };
}
