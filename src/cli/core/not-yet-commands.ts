// Commands of upstream that this release does not have: asking for one says so (docs/adr/0013-unsupported-is-an-error.md).
// Upstream: cmd/root.go.

import { UserError } from "../../std/errors.ts";

const noKeepalived = "There is no keepalived: the virtual address is made by k0s itself (docs/cplb.md).";

/** By name: what there is instead. */
const instead: Readonly<Record<string, string>> = {
  api: "It is a part of k0s controller, not a program of its own.",
  "keepalived-config": noKeepalived,
  "keepalived-setstate": noKeepalived,
};

/** Throws a UserError for a word after `k0s` that is a command of upstream alone. */
export function refuseNotYetCommand(word: string): void {
  const hint = Object.hasOwn(instead, word) ? instead[word] : undefined;
  if (hint === undefined) return;
  throw new UserError(`k0s ${word} is not available in this release`, {
    code: "not-yet",
    hint,
  });
}
