// How many times slower than usual this host is now, for those who wait for it: what looks like a standstill elsewhere is
// slow work here.

import { availableParallelism, loadavg } from "node:os";

export interface SlownessSigns {
  /** What runs or waits for a processor or a disk, as the kernel averages it over a minute. */
  readonly load: number;
  readonly processors: number;
  /** How long a node took to say how it is, in milliseconds. */
  readonly answerMs: number;
}

/** A host with work for each processor, and as much waiting for one, is busy, not slow. */
const usualLoad = 2;
/** A question is a program that starts in a machine. */
const usualAnswerMs = 1_000;
/** The upper limit: five minutes become an hour, not a day. */
const most = 12;

/** At least 1. */
export function slowness({ load, processors, answerMs }: SlownessSigns): number {
  return Math.min(most, Math.max(1, load / processors / usualLoad, answerMs / usualAnswerMs));
}

export function hostSlowness(answerMs: number): number {
  return slowness({ load: loadavg()[0] ?? 0, processors: availableParallelism(), answerMs });
}
