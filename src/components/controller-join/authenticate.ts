// Whether the bearer of a token may use the join API. Upstream: cmd/api/api.go (authMiddleware).

import { timingSafeEqual } from "node:crypto";
import type { Secret } from "../../kube/objects/secret.ts";
import { bootstrapSecretFields, type BootstrapSecretFields } from "../../token/bootstrap-secret.ts";

export type Verdict = "ok" | "unknown" | "expired" | "wrong-role";

/** `find` looks the Secret of a token id up. */
export async function authenticate(
  authorization: string | null,
  find: (id: string) => Promise<Secret | undefined>,
  now = Date.now(),
): Promise<Verdict> {
  const [, id, secret] = /^Bearer ([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(authorization ?? "") ?? [];
  if (id === undefined || secret === undefined) return "unknown";
  const found = await find(id);
  return found === undefined ? "unknown" : judge(bootstrapSecretFields(found), id, secret, now);
}

/** Says more than "unknown" only to those who know the secret. */
function judge(fields: BootstrapSecretFields, id: string, secret: string, now: number): Verdict {
  if (fields.id !== id || !equal(fields.secret, secret)) return "unknown";
  // An expiry that cannot be read counts as passed.
  if (fields.expires !== undefined && !(fields.expires.getTime() > now)) return "expired";
  return fields.role === "controller" ? "ok" : "wrong-role";
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
