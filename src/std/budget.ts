// A limit on how much of something goes on at one time, for bulk work that must leave room for what is urgent.

export interface Budget {
  /** Runs `work` as soon as fewer than the limit are running; first come, first served. Not to be nested. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createBudget(limit: number): Budget {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async run(work) {
      if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // The next one takes this place over.
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
