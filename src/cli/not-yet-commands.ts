// Commands of upstream that this release does not have: asking for one says so (docs/adr/0013-unsupported-is-an-error.md).
// Reference §1.3.

import { UserError } from "../std/errors.ts";

const service = "docs/operations.md has a unit with which systemd runs k0s at boot";
const copies = "docs/operations.md says what to save of a host whose k0s is stopped";
const files = "put archives of images into <data-dir>/images";
const noKeepalived = "there is no keepalived: the virtual address is a part of k0s (docs/cplb.md)";

/** By name: what there is instead. */
const instead: Readonly<Record<string, string>> = {
  airgap: files,
  api: "it is a part of k0s controller, not a program of its own",
  backup: copies,
  install: service,
  "keepalived-config": noKeepalived,
  "keepalived-setstate": noKeepalived,
  restore: copies,
  start: service,
};

/** Throws a UserError for a word after `k0s` that is a command of upstream alone. */
export function refuseNotYetCommand(word: string): void {
  const hint = Object.hasOwn(instead, word) ? instead[word] : undefined;
  if (hint === undefined) return;
  throw new UserError(`k0s ${word} is not available in this release`, {
    code: "not-yet",
    hint: `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`,
  });
}
