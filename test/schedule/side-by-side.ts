// How many test files run side by side. Most of the time a file waits for its machines, so that processors are idle though
// as many files run as there are processors, and more; each may begin processes of a whole cluster at any moment.

import { sleep } from "../../src/std/wait.ts";

export interface Room {
  /** Share of the processors' time of the last seconds in which nothing ran, 0 to 1. */
  readonly idle: number;
  /** Memory that can be had without taking it from anybody, bytes. */
  readonly memory: number;
}

export interface Bounds {
  /** So many run however busy the processors are. */
  readonly atLeast: number;
  readonly atMost: number;
}

/** What a file needs that has three controllers and two workers. */
export const memoryOfFile = 3 * 1024 ** 3;
/** As long as a cluster takes to begin: before, nobody can see what the last file needs. */
export const settleMs = 10_000;
const idleEnough = 0.3;

/** Whether one more file may begin beside those that run; the last one has begun `sinceMs` ago. */
export function mayBegin(running: number, sinceMs: number, room: Room, { atLeast, atMost }: Bounds): boolean {
  if (running === 0) return true;
  if (running >= atMost || room.memory < memoryOfFile) return false;
  return running < atLeast || (sinceMs >= settleMs && room.idle >= idleEnough);
}

export interface Host {
  readonly bounds: Bounds;
  /** As it is now. */
  room(): Room;
}

const lookEveryMs = 1_000;

/** Begins the work of one item after the other, in their order, as the host has room for it; results come as they end. */
export async function sideBySide<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  host: Host,
): Promise<R[]> {
  const results: R[] = [];
  const running = new Set<Promise<void>>();
  let begun = -Infinity;
  for (const item of items) {
    while (!mayBegin(running.size, performance.now() - begun, host.room(), host.bounds))
      await Promise.race([...running, sleep(lookEveryMs)]);
    begun = performance.now();
    const one = work(item).then((result) => {
      results.push(result);
      running.delete(one);
    });
    running.add(one);
  }
  await Promise.all(running);
  return results;
}
