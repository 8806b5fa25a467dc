// The two kinds of join token. The user in its kubeconfig tells the role of a token.
// Upstream: pkg/token/kubeconfig.go.

import { UserError } from "../std/errors.ts";

export const joinRoles = ["worker", "controller"] as const;
export type JoinRole = (typeof joinRoles)[number];

const users: Readonly<Record<JoinRole, string>> = {
  worker: "kubelet-bootstrap",
  controller: "controller-bootstrap",
};

export function userOfRole(role: JoinRole): string {
  return users[role];
}

export function roleOfUser(user: string): JoinRole | undefined {
  return joinRoles.find((role) => users[role] === user);
}

/** Upstream's words for a role that does not exist. */
export function parseJoinRole(text: string): JoinRole {
  const role = joinRoles.find((known) => known === text);
  if (role !== undefined) return role;
  throw new UserError(
    `unsupported role ${JSON.stringify(text)}; supported roles are "controller" and "worker"`,
    { code: "unsupported-role" },
  );
}
