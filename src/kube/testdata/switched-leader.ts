// A leader that the test makes and unmakes.

import { alwaysLeader, type LeaderElector } from "../lease.ts";

export function switchedLeader(): LeaderElector & { lead(leading: boolean): void } {
  const listeners = new Set<(leading: boolean) => void>();
  let leads = false;
  return {
    ...alwaysLeader(),
    get isLeader() {
      return leads;
    },
    assertTerm() {
      if (!leads) throw new Error("another controller leads");
    },
    onChange(listener) {
      listeners.add(listener);
      listener(leads);
      return () => void listeners.delete(listener);
    },
    lead(leading) {
      leads = leading;
      for (const listener of listeners) listener(leading);
    },
  };
}
