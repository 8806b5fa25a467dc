import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { perTerm } from "./leader-task.ts";
import { task } from "./task.ts";

const never = new AbortController().signal;

/** Tells what it is told, and at once what holds when somebody begins to listen. */
function electorOf(first: boolean) {
  const listeners = new Set<(leading: boolean) => void>();
  let now = first;
  return {
    set(leading: boolean): void {
      if (leading === now) return;
      now = leading;
      for (const listener of listeners) listener(leading);
    },
    onChange(listener: (leading: boolean) => void): () => void {
      listeners.add(listener);
      listener(now);
      return () => void listeners.delete(listener);
    },
  };
}

test("however a controller leads and does not: as many runs as terms, one at most goes on, and none after the stop", async () => {
  const terms = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(terms, fc.boolean(), async ([first = false, ...changes], fails) => {
      let begun = 0;
      let going = 0;
      let ended = 0;
      const leader = electorOf(first);
      const part = perTerm(leader, (term) => {
        begun += 1;
        return {
          run: (signal) => {
            expect(signal).toBe(term);
            going += 1;
            const { promise, resolve } = Promise.withResolvers<void>();
            signal.addEventListener("abort", () => {
              going -= 1;
              setTimeout(() => resolve(void (ended += 1)), 0);
            });
            return promise;
          },
          health: () => {
            if (fails) throw new Error("away");
          },
        };
      });
      const component = task({ name: "thing", parts: [part] });
      await component.start(never);
      let leads = first;
      let expected = first ? 1 : 0;
      for (const change of changes) {
        if (change && !leads) expected += 1;
        leads = change;
        leader.set(change);
        expect([begun, going]).toEqual([expected, leads ? 1 : 0]);
        const well = await component.health(never).then(
          () => true,
          () => false,
        );
        expect(well).toBe(!leads || !fails);
      }
      await component.stop();
      leader.set(!leads);
      expect([begun, going, ended]).toEqual([expected, 0, expected]);
      expect(await component.health(never)).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});
