// A link of the chain as a value: what is looked at, and what is said about it.

import type { ExaminedNode } from "./examined-node.ts";
import type { LinkName, Verdict } from "./finding.ts";
import type { SharedLooks } from "./shared-looks.ts";

export interface Examination {
  readonly node: ExaminedNode;
  readonly shared: SharedLooks;
  readonly signal: AbortSignal;
}

export interface Link {
  readonly name: LinkName;
  readonly examine: (examination: Examination) => Promise<Verdict>;
}

export interface LinkParts<Facts> {
  readonly name: LinkName;
  /** Reads and asks; changes nothing. */
  readonly look: (examination: Examination) => Promise<Facts>;
  /** Pure. */
  readonly judge: (facts: Facts, node: ExaminedNode) => Verdict;
}

export function link<Facts>({ name, look, judge }: LinkParts<Facts>): Link {
  return {
    name,
    examine: async (examination) => judge(await look(examination), examination.node),
  };
}
