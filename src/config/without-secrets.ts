// A configuration as others may see it: passwords blotted out.

import { withoutPassword } from "./data-source.ts";

const blot = "xxxxx";

/** `dataSource` keeps all but its password; `password` (Helm repositories) and `authPass` (VRRP) go as a whole. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shownMember(key, member)]));
}

function shownMember(key: string, value: unknown): unknown {
  if (typeof value !== "string") return withoutSecrets(value);
  if (key === "dataSource") return withoutPassword(value);
  return key === "password" || key === "authPass" ? blot : value;
}
