// How many connections a balancer may hold: each takes two of the file descriptors that the supervisor and everything that it
// starts needs, too.

const most = 4_096;
/** Left for everything else in this process. */
const reserved = 1_024;
const least = 64;

/** `limits` is the text of /proc/self/limits. */
export function connectionLimit(limits: string): number {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined || soft === "unlimited") return most;
  return Math.max(least, Math.min(most, Math.floor((Number(soft) - reserved) / 2)));
}
