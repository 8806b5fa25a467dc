// What has to be done for a Chart next, by what it says and by what Helm knows of its release. Pure. Each step leaves the
// release in a state from which the next look goes on, so that a crash between two of them, or in one, needs nothing else.

import {
  begunRelease,
  type Chart,
  hasFinalizer,
  isLeaving,
  madeRelease,
  type ReleaseRef,
  sameRelease,
  specHashOf,
  timeoutOf,
  valuesHashOf,
  wantedRelease,
} from "./chart.ts";
import { goodRevision, isPending, type Revision } from "./release.ts";

export type Step =
  | { readonly step: "nothing" }
  /** The object may go. */
  | { readonly step: "let-go" }
  /** The release of before is gone; nothing is known of the one that is wanted now. */
  | { readonly step: "forget" }
  | { readonly step: "uninstall"; readonly why: "removed" | "moved" | "unfinished" }
  | { readonly step: "install"; readonly replace: boolean }
  | { readonly step: "upgrade"; readonly from: number }
  /** A revision that a crash has left unfinished. */
  | { readonly step: "heal"; readonly back: number; readonly unfinished: number }
  /** Somebody else's helm is at work. */
  | { readonly step: "wait"; readonly ms: number; readonly revision: number };

/** The release that a look at a Chart is about; undefined when there is nothing that k0s has made. */
export function releaseInQuestion(chart: Chart): ReleaseRef | undefined {
  const made = madeRelease(chart) ?? begunRelease(chart);
  if (isLeaving(chart)) return made;
  const wanted = wantedRelease(chart);
  return made !== undefined && !sameRelease(made, wanted) ? made : wanted;
}

/**
 * Whether a look at the release is needed at all: what is settled costs nothing. `valuesFromHash` is of what its `valuesFrom`
 * hold now; undefined while nobody has looked.
 */
export function hasWork(chart: Chart, valuesFromHash?: string): boolean {
  if (isLeaving(chart)) return hasFinalizer(chart);
  return isDue(chart, valuesFromHash) || chart.status?.operation !== undefined;
}

/** `revisions` are those of `releaseInQuestion`, `now` is in milliseconds since 1970. */
export function nextStep(
  chart: Chart,
  revisions: readonly Revision[],
  now: number,
  valuesFromHash?: string,
): Step {
  const release = releaseInQuestion(chart);
  const last = revisions.at(-1);
  if (isLeaving(chart)) {
    if (!hasFinalizer(chart)) return { step: "nothing" };
    return release === undefined || last === undefined
      ? { step: "let-go" }
      : { step: "uninstall", why: "removed" };
  }
  if (release !== undefined && !sameRelease(release, wantedRelease(chart)))
    return last === undefined ? { step: "forget" } : { step: "uninstall", why: "moved" };
  const unfinished = isOwnUnfinished(chart, last);
  if (!isDue(chart, valuesFromHash) && !unfinished) return { step: "nothing" };
  if (last === undefined) return { step: "install", replace: false };
  if (isPending(last)) {
    const ms = unfinished ? 0 : otherMayNeed(chart, last, now);
    if (ms > 0) return { step: "wait", ms, revision: last.revision };
    const back = last.status === "uninstalling" ? undefined : goodRevision(revisions);
    return back === undefined
      ? { step: "uninstall", why: "unfinished" }
      : { step: "heal", back, unfinished: last.revision };
  }
  if (last.status === "uninstalled") return { step: "install", replace: true };
  if (last.status === "failed" && goodRevision(revisions) === undefined)
    return { step: "uninstall", why: "unfinished" };
  return { step: "upgrade", from: last.revision };
}

/** What the release was made from is not what is wanted, or it did not work. */
function isDue(chart: Chart, valuesFromHash: string | undefined): boolean {
  const { status = {} } = chart;
  const made = madeRelease(chart);
  if (made === undefined || (status.error ?? "") !== "") return true;
  if (valuesFromHash !== undefined && valuesFromHash !== (status.valuesFromHash ?? "")) return true;
  if (status.specHash !== undefined) return status.specHash !== specHashOf(chart);
  return !isSettledByUpstream(chart, made);
}

/** A Chart that upstream k0s has left says less. */
function isSettledByUpstream(chart: Chart, made: ReleaseRef): boolean {
  const { status = {}, spec = {} } = chart;
  const { version = "" } = spec;
  return (
    sameRelease(made, wantedRelease(chart)) &&
    status.valuesHash === valuesHashOf(chart) &&
    (version === "" || version === status.version)
  );
}

/** Nobody else has begun it: k0s had noted that it would, and it is not at it any more. */
function isOwnUnfinished(chart: Chart, last: Revision | undefined): boolean {
  const { operation } = chart.status ?? {};
  const begun = begunRelease(chart);
  if (operation === undefined || begun === undefined || last === undefined || !isPending(last)) return false;
  return sameRelease(begun, wantedRelease(chart)) && last.revision >= operation.revision;
}

const margin = 60_000;

/** How long the helm of somebody else may still be at work; its own limit is not known, so it is taken to be the Chart's. */
function otherMayNeed(chart: Chart, { writtenAt }: Revision, now: number): number {
  return writtenAt * 1000 + timeoutOf(chart.spec ?? {}) + margin - now;
}
