// Passwords of Helm repositories that a ClusterConfig in the cluster shows to everyone who may read it.

import { isMapping } from "../std/mapping.ts";
import { withoutUrlPasswords } from "./without-secrets.ts";

/** By the path of their fields. `spec` as it stands in the object, right or wrong. */
export function openPasswords(spec: unknown): string[] {
  const repositories = member(member(member(spec, "extensions"), "helm"), "repositories");
  if (!Array.isArray(repositories)) return [];
  return repositories.flatMap((one: unknown, index) => {
    const at = (field: string): string => `spec.extensions.helm.repositories[${index}].${field}`;
    const [password, url] = [member(one, "password"), member(one, "url")];
    return [
      ...(typeof password === "string" && password !== "" ? [at("password")] : []),
      ...(typeof url === "string" && withoutUrlPasswords(url) !== url ? [at("url")] : []),
    ];
  });
}

/** Of the fields that `openPasswords` found. */
export function openPasswordsText(fields: readonly string[]): string {
  return `${fields.join(", ")}: the password can be read by everyone who may read ClusterConfigs; put it into a Secret, and name that by configFrom`;
}

function member(value: unknown, key: string): unknown {
  return isMapping(value) ? value[key] : undefined;
}
