// A Lease object, and what it says about its holder. Upstream: pkg/kubernetes/lease.go.

import type { KubeResource } from "../types.ts";

export interface Lease extends KubeResource {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

export const leaseKind = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" } as const;

/** Who takes leases. */
export interface LeaseHolder {
  /** Tells this process from all others; upstream's InvocationID. */
  readonly identity: string;
  /** Where it runs; without it, leases of earlier runs are waited for like those of anybody else. */
  readonly place?: LeasePlace;
}

export interface LeasePlace {
  /** A second process with the same value proves that the first has ended: the running kernel and the locked data directory. */
  readonly run: string;
  /** Very likely the same machine after a reboot, but a clone would have it, too. Empty where that is not known. */
  readonly machine: string;
}

const placeAnnotation = "k0s.k0sproject.io/holder-place";

/** By it a k0s before docs/adr/0051 knows a lease of its own earlier run, and takes it at once from any holder. */
const formerHostAnnotation = "k0s.k0sproject.io/holder-host";

/** Annotations of a lease that a new holder leaves as they are. */
export function lastingAnnotations({ metadata }: Lease): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([name]) => name !== formerHostAnnotation),
  );
}

/** The annotation by which a holder says where it runs. It names the holder, since another one may leave it standing. */
export function placeAnnotations({ identity, place }: LeaseHolder): Record<string, string> {
  return place === undefined ? {} : { [placeAnnotation]: [identity, place.run, place.machine].join(" ") };
}

/** Where the present holder runs, if it has said so. */
export function placeOf({ metadata, spec }: Lease): LeasePlace | undefined {
  const [identity, run, machine = ""] = (metadata.annotations?.[placeAnnotation] ?? "").split(" ");
  return run === undefined || identity !== spec?.holderIdentity ? undefined : { run, machine };
}

export function isHeld({ spec }: Lease): boolean {
  return spec?.holderIdentity !== undefined && spec.holderIdentity !== "";
}

export function durationMs({ spec }: Lease): number {
  return (spec?.leaseDurationSeconds ?? 0) * 1000;
}

/** metav1.MicroTime of a wall clock: six digits after the second. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
