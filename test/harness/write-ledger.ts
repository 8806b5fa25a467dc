// What a counting writer knows: which writes the API has acknowledged, and when. Pure arithmetic on it.

export interface LedgerEvent {
  readonly name: string;
  readonly at: number;
}

export interface EventGap {
  readonly event: string;
  /** Longest time without an acknowledged write from this event to the next one. */
  readonly gapMs: number;
}

export interface WriteLedger {
  /** Numbers of acknowledged writes, in order, with the time of the acknowledgement. */
  readonly acknowledged: readonly { readonly number: number; readonly at: number }[];
  readonly startedAt: number;
  readonly endedAt: number;
  readonly events: readonly LedgerEvent[];
}

/** Longest time between two acknowledgements, or between one and the start or the end, that touches `from`…`to`. */
export function longestGap(
  { acknowledged, startedAt, endedAt }: WriteLedger,
  from: number,
  to: number,
): number {
  const times = [startedAt, ...acknowledged.map(({ at }) => at), endedAt];
  let longest = 0;
  for (const [index, end] of times.entries()) {
    const begin = times[index - 1];
    if (begin !== undefined && end > from && begin < to) longest = Math.max(longest, end - begin);
  }
  return longest;
}

/** One line for each event, which lasts until the next one. */
export function gapsByEvent(ledger: WriteLedger): EventGap[] {
  return ledger.events.map(({ name, at }, index) => ({
    event: name,
    gapMs: longestGap(ledger, at, ledger.events[index + 1]?.at ?? ledger.endedAt),
  }));
}

/** Acknowledged writes that are not there, or not as they were written. `found` maps number to content. */
export function lostWrites(
  { acknowledged }: Pick<WriteLedger, "acknowledged">,
  found: ReadonlyMap<number, string>,
): number[] {
  return acknowledged
    .filter(({ number }) => found.get(number) !== contentOf(number))
    .map(({ number }) => number);
}

/** What write number `n` says. */
export function contentOf(number: number): string {
  return `write ${number}`;
}
