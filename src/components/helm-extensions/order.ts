// Which Charts have to wait for others. Lower numbers are installed first, and uninstalled last. In upstream k0s the field
// has no effect, though its documentation has one. Pure.

import { type Chart, hasFinalizer, isLeaving, madeRelease } from "./chart.ts";
import { hasWork } from "./plan.ts";

/** In the order in which they begin: by number, then by name. */
export function inOrder(charts: readonly Chart[]): readonly Chart[] {
  return charts.toSorted(
    (one, other) => orderOf(one) - orderOf(other) || (nameOf(one) < nameOf(other) ? -1 : 1),
  );
}

/** What is known of Charts beyond what they say. */
export interface ChartProgress {
  /** It has failed as it is now. An error that it shows may be of what it said before. */
  readonly failed: (chart: Chart) => boolean;
  /** It is at work, or what it refers to is to be looked at. */
  readonly busy: (chart: Chart) => boolean;
}

/** The Chart that `chart` waits for. One that fails holds nobody up, unless it has never been installed. */
export function waitsFor(chart: Chart, all: readonly Chart[], progress: ChartProgress): Chart | undefined {
  const { failed, busy } = progress;
  const holdsUp = (other: Chart): boolean =>
    madeRelease(other) === undefined || ((hasWork(other) || busy(other)) && !failed(other));
  return isLeaving(chart)
    ? all.find((other) => isLeaving(other) && hasFinalizer(other) && isAbove(other, chart) && !failed(other))
    : all.find((other) => !isLeaving(other) && isAbove(chart, other) && holdsUp(other));
}

function isAbove(one: Chart, other: Chart): boolean {
  return orderOf(one) > orderOf(other);
}

export function orderOf({ spec }: Chart): number {
  return spec?.order ?? 0;
}

function nameOf({ metadata }: Chart): string {
  return metadata.name ?? "";
}
