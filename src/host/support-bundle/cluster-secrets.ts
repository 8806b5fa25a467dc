// The secrets of the cluster, read to look for them in what is collected, and for nothing else: a program may have printed one.

import type { KubeClient } from "../../kube/client.ts";
import { secretsIn } from "./known-secrets.ts";

interface SecretList {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly { readonly data?: Readonly<Record<string, string>> | null }[];
}

interface PodList {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly { readonly spec?: { readonly containers?: readonly Container[] } }[];
}

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** Of each kind: enough for a large cluster, and a bound for a strange one. */
const mostPages = 20;

export async function clusterSecrets(api: KubeClient, signal: AbortSignal): Promise<readonly string[]> {
  const pages = async <List extends SecretList | PodList>(path: string): Promise<readonly List[]> => {
    const found: List[] = [];
    let next: string | undefined;
    do {
      const more: string = next === undefined ? "" : `&continue=${encodeURIComponent(next)}`;
      const answer = await api.raw(`${path}?limit=500${more}`, { signal, timeoutMs: 15_000, retries: 1 });
      const list = (await answer.json()) as List;
      found.push(list);
      next = list.metadata?.continue;
    } while (next !== undefined && next !== "" && found.length < mostPages);
    return found;
  };
  const secrets = (await pages<SecretList>("/api/v1/secrets")).flatMap(({ items = [] }) =>
    items.flatMap(({ data }) => Object.entries(data ?? {}).flatMap(([key, value]) => valuesOf(key, value))),
  );
  const variables = (await pages<PodList>("/api/v1/pods")).flatMap(({ items = [] }) =>
    items.flatMap(({ spec }) => (spec?.containers ?? []).flatMap(variablesOf)),
  );
  return [...secrets, ...variables];
}

/** What a Secret holds besides, and what would be missed everywhere: names, times, certificates. */
const harmless =
  /^(namespace|ca\.crt|tls\.crt|user(name)?|host(name)?|port|database|dbname|type|expiration|description|token-id|auth-extra-groups|usage-.*)$/i;
/** Longer ones are whole files; what opens something in them is found by its looks. */
const longest = 4_096;
const shortest = 6;

function valuesOf(key: string, encoded: string): readonly string[] {
  if (harmless.test(key)) return [];
  const value = Buffer.from(encoded, "base64").toString("utf8");
  const whole = value.length <= longest ? [value, value.trim()] : [];
  return [...whole, ...secretsIn(value)].filter(({ length }) => length >= shortest);
}

function variablesOf({ env = [] }: Container): readonly string[] {
  return env.flatMap(({ name, value = "" }) =>
    /passw|secret|token|_key$/i.test(name) && value.length >= shortest ? [value] : secretsIn(value),
  );
}
