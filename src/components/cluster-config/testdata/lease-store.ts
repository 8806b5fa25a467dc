// Leases in memory, with optimistic concurrency, behind as many API servers as a test wants.

import { KubeError } from "../../../kube/errors.ts";
import { KubeConnectionError } from "../../../kube/errors.ts";
import type { Lease } from "../../../kube/objects/lease.ts";
import type { LeaseClient } from "../api-servers.ts";

export interface LeaseStore {
  readonly leases: ReadonlyMap<string, Lease>;
  /** A door of its own; while it is shut, no answer comes. */
  server(): LeaseClient & { away: boolean };
}

export function leaseStore(): LeaseStore {
  const leases = new Map<string, Lease>();
  let version = 0;
  const put = (lease: Lease): Lease => {
    const kept = {
      ...lease,
      metadata: { ...lease.metadata, resourceVersion: String(++version) },
    };
    leases.set(kept.metadata.name ?? "", kept);
    return kept;
  };
  const refuse = (status: number, reason: string): never => {
    throw new KubeError({ status, reason, message: reason });
  };
  return {
    leases,
    server() {
      const door = { away: false };
      const enter = (): void => {
        if (door.away) throw new KubeConnectionError("connection refused", undefined);
      };
      return Object.assign(door, {
        find: async ({ name }: { readonly name: string }) => {
          enter();
          return structuredClone(leases.get(name));
        },
        create: async (object: unknown) => {
          enter();
          const lease = object as Lease;
          return leases.has(lease.metadata.name ?? "") ? refuse(409, "AlreadyExists") : put(lease);
        },
        update: async (object: unknown) => {
          enter();
          const lease = object as Lease;
          const known = leases.get(lease.metadata.name ?? "");
          if (known === undefined) return refuse(404, "NotFound");
          if (known.metadata.resourceVersion !== lease.metadata.resourceVersion)
            return refuse(409, "Conflict");
          return put(lease);
        },
      }) as unknown as LeaseClient & { away: boolean };
    },
  };
}
