// The system users of the control plane, made at start if they are missing. Upstream makes them at `install` only:
// pkg/install/users.go.

import { controllerRole } from "../roles/controller.ts";
import { usersInRootGroup, usersOf } from "../roles/folds/users.ts";
import { ensureSystemUsers, type UserId, type UserOptions } from "../os/users.ts";

export const controlPlaneUsers = usersOf(controllerRole);

/**
 * Upstream runs every process with group 0, which can read every key below <pki> (0640, group root). Only these need it.
 * docs/adr/0021.
 */
const inRootGroup = usersInRootGroup(controllerRole);

export type ControlPlaneUsers = ReadonlyMap<string, UserId>;

export function ensureControlPlaneUsers(options: UserOptions): Promise<ControlPlaneUsers> {
  return ensureSystemUsers(controlPlaneUsers, options);
}

/** As whom a process runs whose user this is. */
export function processIdentity(users: ControlPlaneUsers, name: string): UserId | undefined {
  const user = users.get(name);
  return user !== undefined && inRootGroup.has(name) ? { uid: user.uid, gid: 0 } : user;
}
