// Hands a configuration to components, one after the other. What has started its process again for it is waited for, so that
// the next one finds it ready.

import type { ClusterConfig } from "../config/cluster-config.ts";
import { errorMessage } from "../std/errors.ts";
import type { Member } from "./member.ts";
import type { Preview } from "./preview.ts";
import { awaitReady, type ReadinessPatience } from "./readiness.ts";

export interface Reconciling {
  readonly config: ClusterConfig;
  readonly signal: AbortSignal;
  readonly patience: (member: Member) => ReadinessPatience;
}

/**
 * All of them get it, even if one refuses it; returns what failed. A process that does not get ready again ends the round: what
 * comes after it may need it.
 */
export async function reconcileMembers(
  members: readonly Member[],
  { config, signal, patience }: Reconciling,
): Promise<readonly string[]> {
  const errors: string[] = [];
  for (const member of members) {
    if (signal.aborted) break;
    const { component } = member;
    member.config = config;
    const before = component.inspect?.();
    try {
      await component.reconcile?.(config, signal);
      if (before?.pid === undefined || component.inspect?.().pid === before.pid) continue;
    } catch (err) {
      errors.push(`${component.name}: ${errorMessage(err)}`);
      continue;
    }
    try {
      await awaitReady(component, signal, { ...patience(member), restartsBefore: before.restarts ?? 0 });
    } catch (err) {
      // It names the component itself.
      errors.push(errorMessage(err));
      break;
    }
  }
  return errors;
}

/** What each that can tell would do; undefined: nothing. */
export async function previewMembers(
  members: readonly Member[],
  config: ClusterConfig,
): Promise<ReadonlyMap<string, Preview | undefined>> {
  const previews = new Map<string, Preview | undefined>();
  for (const { component } of members)
    if (component.preview !== undefined) previews.set(component.name, await component.preview(config));
  return previews;
}
