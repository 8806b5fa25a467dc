// A configuration as others may see it: passwords are blanked out.

import type { YamlPath } from "../std/yaml-positions.ts";
import { withoutPassword } from "./data-source.ts";

const blot = "xxxxx";

/** Fields that hold a password: of the database, of Helm repositories, of VRRP. */
const secretFields: ReadonlySet<string> = new Set(["dataSource", "password", "authPass"]);

/** `dataSource` keeps all but its password; other secret fields go as a whole, and so do passwords in URLs wherever they are. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value === "string") return withoutUrlPasswords(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shownMember(key, member)]));
}

/** A complaint about a field, which does not repeat what stands there if that is a secret. */
export function withoutValue(message: string, path: YamlPath, value: unknown): string {
  const secret = path.some((part) => typeof part === "string" && secretFields.has(part));
  const shown = secret ? JSON.stringify(value) : undefined;
  return withoutUrlPasswords(shown === undefined ? message : message.replaceAll(shown, blot));
}

/**
 * `scheme://user:password@host` without the password, which may hold an @, a / or quotes itself: better too much hidden than
 * too little. What stands alone before the @ may be a token.
 */
export function withoutUrlPasswords(text: string): string {
  return text
    .replaceAll(/(:\/\/[^:/@\s"']{0,256}:)[^\s"']{0,1024}@/g, `$1${blot}@`)
    .replaceAll(/(:\/\/[^:/@\s"']{0,256}:)(?!\d{1,5}\\*["'])[^\s/]{0,1024}@/g, `$1${blot}@`)
    .replaceAll(/(:\/\/)[^:/@\s"']{1,1024}@/g, `$1${blot}@`);
}

function shownMember(key: string, value: unknown): unknown {
  if (typeof value !== "string" || !secretFields.has(key)) return withoutSecrets(value);
  return key === "dataSource" ? withoutUrlPasswords(withoutPassword(value)) : blot;
}
