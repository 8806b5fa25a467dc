// Renews certificates while k0s runs, and restarts what reads them only once. Upstream renews at a start
// only; here a node may run for years.

import type { PkiStep } from "../../pki/plan-steps.ts";
import type { Logger } from "../../std/log.ts";
import { errorMessage } from "../../std/errors.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { certificatesDeclaration } from "./declaration.ts";

/** Certificate → components that read it only when they start. */
type ReadersOnce = ReadonlyMap<string, readonly string[]>;

export interface CertificateRenewalOptions {
  /** Brings the files to what they should be; returns what was done. */
  readonly renew: () => Promise<readonly PkiStep[]>;
  readonly readersOnce: ReadersOnce;
  /** Restarts a component and waits until it is ready; nothing happens where there is none of that name. */
  readonly restart: (component: string, signal: AbortSignal) => Promise<void>;
  /** Of the leaves. */
  readonly lifetimeMs: number;
  readonly log: Logger;
  /** Default: `checkInterval` of the life time. */
  readonly intervalMs?: number;
}

export function componentsToRestart(steps: readonly PkiStep[], readersOnce: ReadersOnce): string[] {
  const renewed = steps.flatMap((step) =>
    step.action === "issue-leaf" ? [step.spec.base.split("/").at(-1) ?? ""] : [],
  );
  return [...new Set(renewed.flatMap((name) => readersOnce.get(name) ?? []))];
}

/** Each look reads the clock and the files again, so that a clock that jumps delays nothing for longer than this. */
export function checkInterval(lifetimeMs: number): number {
  return Math.min(Math.max(lifetimeMs / 50, 10_000), 3_600_000);
}

export function certificateRenewal(options: CertificateRenewalOptions): Component {
  const { renew, readersOnce, restart, lifetimeMs, intervalMs = checkInterval(lifetimeMs) } = options;
  const log = options.log.with({ component: "certificates" });
  const pending = new Set<string>();
  let looked = false;
  let problem: unknown;

  const look = async (signal: AbortSignal): Promise<void> => {
    for (const name of componentsToRestart(await renew(), readersOnce)) pending.add(name);
    for (const name of pending) {
      log.info("Starting a component anew, for its certificate is", { restarting: name });
      await restart(name, signal);
      pending.delete(name);
    }
  };

  const round = async (signal: AbortSignal): Promise<void> => {
    // The start has just looked.
    if (!looked) {
      looked = true;
      return;
    }
    try {
      await look(signal);
      problem = undefined;
    } catch (err) {
      if (!signal.aborted) problem = err;
      throw err;
    }
  };
  const loop = createLoop({
    name: "renewal of certificates",
    log,
    round,
    everyMs: intervalMs,
    backoff: { firstMs: Math.min(intervalMs, 10_000), longestMs: intervalMs },
  });

  return task({
    name: "certificate-renewal",
    dependsOn: [certificatesDeclaration],
    parts: [loop],
    health: () => {
      if (problem !== undefined) throw new Error(`certificates cannot be renewed: ${errorMessage(problem)}`);
    },
  });
}
