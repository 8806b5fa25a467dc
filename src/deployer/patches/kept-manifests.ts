// A patch that was made for the objects of another release. It must not keep a cluster from starting that runs without it.

import { UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { unfitPatch } from "./patch-objects.ts";

export interface UnfitPatches {
  /**
   * Writes manifests at a start. Where a patch cannot be applied and there are manifests of an earlier start, those stay; at a
   * first start it rejects.
   */
  firstWrite(write: () => Promise<void>, wereWritten: () => Promise<boolean>): Promise<void>;
  /** Manifests have been written with all patches. */
  fits(): void;
  /** Rejects as long as the manifests are those of an earlier start. */
  health(): Promise<void>;
}

/** `what` is patched: `the add-on`. */
export function unfitPatches(log: Logger, what: string): UnfitPatches {
  let unfit: UserError | undefined;
  return {
    async firstWrite(write, wereWritten) {
      try {
        await write();
      } catch (err) {
        if (!(err instanceof UserError) || err.code !== unfitPatch || !(await wereWritten())) throw err;
        unfit = err;
        log.error(`A patch cannot be applied, ${what} stays as it was`, { err: err.message });
      }
    },
    fits: () => void (unfit = undefined),
    async health() {
      if (unfit !== undefined) throw unfit;
    },
  };
}
