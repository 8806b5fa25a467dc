// One release has one Chart. Of several that name the same, it is that of one of them, and the others are refused: two that
// upgrade it in turn, or one that uninstalls what another has installed, help nobody. Pure.

import {
  begunRelease,
  type Chart,
  isLeaving,
  madeRelease,
  type ReleaseRef,
  sameRelease,
  wantedRelease,
} from "./chart.ts";

/** The other Chart that the release belongs to; `begun` tells of whom work has begun that may not show in its status yet. */
export function otherHolder(
  chart: Chart,
  release: ReleaseRef,
  all: readonly Chart[],
  begun: (chart: Chart) => boolean,
): Chart | undefined {
  const rank = (one: Chart): number => {
    const [made, started] = [madeRelease(one), begunRelease(one)];
    if ([made, started].some((has) => has !== undefined && sameRelease(has, release))) return 2;
    return isLeaving(one) || !sameRelease(wantedRelease(one), release) ? -1 : begun(one) ? 1 : 0;
  };
  const [first] = all
    .filter((one) => one.metadata.uid !== chart.metadata.uid)
    .concat(chart)
    .filter((one) => rank(one) >= 0)
    .toSorted((one, other) => rank(other) - rank(one) || (ageKey(one) < ageKey(other) ? -1 : 1));
  return first === undefined || first.metadata.uid === chart.metadata.uid ? undefined : first;
}

/** The older one is first, and of two of the same second the one whose name is. */
function ageKey({ metadata: { creationTimestamp = "", name = "" } }: Chart): string {
  return `${creationTimestamp} ${name}`;
}
