// Whether a component that is not ready yet makes progress. Progress is a line unlike those before, another reason for not
// being ready, or a process that works hard; the same complaint again and again is not.

import type { ComponentDetails } from "./component.ts";

/** What is seen of a component at one moment. */
export interface StartObservation {
  readonly details: ComponentDetails;
  /** Processor time of its process, if it was asked for. */
  readonly processorMs?: number | undefined;
}

export interface StartProgress {
  /** Takes a look into account; returns the milliseconds since the last progress. */
  quietMs(now: number, seen: StartObservation): number;
}

/** A program that waits wakes now and then; one that uses this share of a processor does something. */
const busyShare = 0.2;
const keptShapes = 500;

/** `startedAt` and `now` are milliseconds of one clock that does not jump. */
export function startProgress(startedAt: number): StartProgress {
  const shapes = new Set<string>();
  let movedAt = startedAt;
  let sample: { readonly at: number; readonly ms: number } | undefined;

  const isNew = (text: string): boolean => {
    const shape = shapeOf(text);
    if (shapes.has(shape)) return false;
    if (shapes.size < keptShapes) shapes.add(shape);
    return true;
  };

  const works = (now: number, ms: number | undefined): boolean => {
    if (ms === undefined) return false;
    const before = sample;
    sample = { at: now, ms };
    return before !== undefined && ms - before.ms >= busyShare * (now - before.at) && ms > before.ms;
  };

  return {
    quietMs(now, { details, processorMs }) {
      const { waitingBecause, lastOutput = [] } = details;
      const texts = waitingBecause === undefined ? lastOutput : [...lastOutput, waitingBecause];
      // Not short-circuited: each text has to be noted.
      const said = texts.filter(isNew).length > 0;
      if (works(now, processorMs) || said) movedAt = now;
      return now - movedAt;
    },
  };
}

/** Without what differs from one repetition to the next: times, counters, addresses, identifiers. */
function shapeOf(text: string): string {
  return text.replaceAll(/0x[0-9a-f]+|[0-9a-f]{8,}|\d+/gi, "#");
}
