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

/** The Chart that `chart` waits for. One that fails holds nobody up, unless it has never been installed. */
export function waitsFor(chart: Chart, all: readonly Chart[]): Chart | undefined {
  return isLeaving(chart)
    ? all.find((other) => isLeaving(other) && hasFinalizer(other) && isAbove(other, chart) && !fails(other))
    : all.find((other) => !isLeaving(other) && isAbove(chart, other) && holdsUp(other));
}

function holdsUp(chart: Chart): boolean {
  return madeRelease(chart) === undefined || (hasWork(chart) && !fails(chart));
}

function isAbove(one: Chart, other: Chart): boolean {
  return orderOf(one) > orderOf(other);
}

function fails({ status }: Chart): boolean {
  return (status?.error ?? "") !== "";
}

function orderOf({ spec }: Chart): number {
  return spec?.order ?? 0;
}

function nameOf({ metadata }: Chart): string {
  return metadata.name ?? "";
}
