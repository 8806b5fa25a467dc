// What is known of the encryption of Secrets, asked of the API.

import { knownControllers } from "../../components/controller-leases/component.ts";
import { departedControllers } from "../../components/secrets-encryption/departed.ts";
import { notConfirmed, plain, type Ring } from "../../components/secrets-encryption/ring.ts";
import { controllersOf, readState } from "../../components/secrets-encryption/shared-state.ts";
import type { KubeClient } from "../../kube/client.ts";

export interface EncryptionReport {
  readonly encrypted: boolean;
  /** What writes now. */
  readonly key: string;
  readonly phase: Ring["phase"];
  readonly revision: number;
  readonly since: string;
  /** What reads, in order. */
  readonly reads: readonly string[];
  /** What is to be left over. */
  readonly target: string;
  /** Of the last change. */
  readonly rewritten: number | undefined;
  readonly controllers: readonly { readonly name: string; readonly revision: number | undefined }[];
  readonly waitingFor: readonly string[];
  /** The rotation that was begun last. */
  readonly request: string | undefined;
  /** One that was asked for and is not begun. */
  readonly requested: string | undefined;
}

/** Undefined in a cluster whose Secrets were never encrypted. */
export async function encryptionReport(
  client: KubeClient,
  signal?: AbortSignal,
): Promise<EncryptionReport | undefined> {
  const state = await readState(client, signal);
  if (state === undefined) return undefined;
  const { ring } = state.marked;
  const leases = await knownControllers(client, signal);
  // A controller that can have no other beside it has no lease.
  const controllers = controllersOf(
    state,
    leases.length === 0 ? [...state.reports.keys()] : leases,
    Date.now(),
    await departedControllers(client, signal),
  );
  const [key = plain] = ring.providers;
  return {
    encrypted: key !== plain,
    key,
    phase: ring.phase,
    revision: ring.revision,
    since: ring.since,
    reads: ring.providers,
    target: ring.target,
    rewritten: ring.rewritten,
    controllers: controllers.map((name) => ({ name, revision: state.reports.get(name)?.revision })),
    waitingFor: notConfirmed({ ring, reports: state.reports, controllers }),
    request: ring.request,
    requested: state.request === ring.request ? undefined : state.request,
  };
}
