// The system users of the control plane, made at start if they are missing. Upstream makes them at `install` only: reference §4.4.

import { ensureSystemUsers, type UserId } from "../os/users.ts";

export const controlPlaneUsers = ["etcd", "kube-apiserver", "kube-scheduler", "konnectivity-server"] as const;

export type ControlPlaneUsers = ReadonlyMap<string, UserId>;

export function ensureControlPlaneUsers(dataDir: string, signal: AbortSignal): Promise<ControlPlaneUsers> {
  return ensureSystemUsers(controlPlaneUsers, dataDir, signal);
}
