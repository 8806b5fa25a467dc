// Modes and owners of the PKI files that stay as they are. Upstream: cmd/controller/certificates.go.

import type { UserId } from "../os/users.ts";
import type { ObservedPki } from "./observe.ts";
import type { FileOwnershipStep, PkiStep } from "./plan-steps.ts";
import { certificateMode, keyMode } from "./spec.ts";
import type { PkiSpec } from "./spec.ts";

/** Steps for files that exist with another mode or owner and are not written again anyway. */
export function planOwnership(
  spec: PkiSpec,
  observed: ObservedPki,
  steps: readonly PkiStep[],
): readonly FileOwnershipStep[] {
  const written = new Set(
    steps.flatMap((step) => ("spec" in step && "base" in step.spec ? [step.spec.base] : [])),
  );
  return wantedFiles(spec, written).filter(({ path, mode, owner }) => {
    const file = observed.files.get(path);
    return file !== undefined && (file.mode !== mode || file.uid !== owner.uid || file.gid !== owner.gid);
  });
}

function wantedFiles(spec: PkiSpec, written: ReadonlySet<string>): readonly FileOwnershipStep[] {
  const file = (path: string, mode: number, owner: UserId): FileOwnershipStep => ({
    action: "set-ownership",
    path,
    mode,
    owner,
  });
  const kept = <T extends { base: string }>(specs: readonly T[]): readonly T[] =>
    specs.filter(({ base }) => !written.has(base));
  return [
    ...spec.directories.map(({ path, mode, owner }) => file(path, mode, owner)),
    ...kept(spec.authorities).flatMap(({ base, owner, keyOwner }) => [
      file(`${base}.crt`, certificateMode, owner),
      file(`${base}.key`, keyMode, keyOwner),
    ]),
    ...kept(spec.leaves).flatMap(({ base, owner }) => [
      file(`${base}.crt`, certificateMode, owner),
      file(`${base}.key`, keyMode, owner),
    ]),
    ...kept(spec.keyPairs).flatMap(({ base, owner, publicOwner }) => [
      file(`${base}.key`, keyMode, owner),
      file(`${base}.pub`, certificateMode, publicOwner),
    ]),
  ];
}
