// The secrets of the cluster, read to look for them in what is collected, and for nothing else: a program may have printed one.

import type { KubeClient } from "../../kube/client.ts";
import { errorMessage } from "../../std/errors.ts";
import { unlessAborted } from "../../std/wait.ts";
import { secretsIn, secretsOfVariable } from "./known-secrets.ts";
import { isSecretFlag } from "./secret-names.ts";

interface List {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly unknown[];
}

interface SecretItem {
  readonly data?: Readonly<Record<string, string>> | null;
}

interface PodItem {
  readonly spec?: Partial<Record<(typeof containerFields)[number], readonly Container[]>>;
}

const containerFields = ["containers", "initContainers", "ephemeralContainers"] as const;

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly command?: readonly string[];
  readonly args?: readonly string[];
}

/** A secret, as text, or as bytes if it is none. */
export type Secret = string | Uint8Array;

const pageSize = 100;
/** Of each kind: enough for a large cluster, and a bound for a strange one. */
const mostPages = 1_000;

/**
 * Hands them over page by page: what came before a failure or an interruption counts. Resolves to why some are missing, kind
 * by kind; nothing if all were read.
 */
export async function clusterSecrets(
  api: KubeClient,
  add: (secrets: readonly Secret[]) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const read = async (
    kind: string,
    secretsOf: (item: unknown) => readonly Secret[],
  ): Promise<string | undefined> => {
    let next: string | undefined;
    try {
      for (let page = 0; page < mostPages; page += 1) {
        const more: string = next === undefined ? "" : `&continue=${encodeURIComponent(next)}`;
        const path = `/api/v1/${kind}?limit=${pageSize}${more}`;
        const asked = api.raw(path, { signal, timeoutMs: 15_000, retries: 1 });
        const answer = await unlessAborted(asked, signal);
        const list = (await unlessAborted(answer.json(), signal)) as List;
        add((list.items ?? []).flatMap(secretsOf));
        next = list.metadata?.continue;
        if (next === undefined || next === "") return undefined;
      }
      return `only the first ${pageSize * mostPages} ${kind} were read`;
    } catch (err) {
      // Not `secrets: why`: that is what a field with a secret looks like, and the reason would be taken for one.
      return `${kind} (${errorMessage(err)})`;
    }
  };
  const missing = await Promise.all([read("secrets", valuesOf), read("pods", variablesOf)]);
  return missing.filter((why) => why !== undefined);
}

/** What a Secret holds besides, and what would be missed everywhere: names, times, certificates. */
const harmless =
  /^(namespace|ca\.crt|tls\.crt|user(name)?|host(name)?|port|database|dbname|type|expiration|description|token-id|auth-extra-groups|usage-.*)$/i;
/** Longer ones are whole files; what opens something in them is found by its looks. */
const longest = 4_096;
const shortest = 6;

function valuesOf(item: unknown): readonly Secret[] {
  const { data } = item as SecretItem;
  return Object.entries(data ?? {}).flatMap(([key, encoded]) => (harmless.test(key) ? [] : valueOf(encoded)));
}

function valueOf(encoded: string): readonly Secret[] {
  const bytes = Buffer.from(encoded, "base64");
  const value = bytes.toString("utf8");
  // Mangled as text, it is looked for as the bytes that it is.
  const isText = Buffer.from(value).equals(bytes);
  const whole: readonly Secret[] =
    bytes.length > longest ? [] : isText ? [value, value.trim(), encoded] : [new Uint8Array(bytes), encoded];
  return [...whole, ...(isText ? secretsIn(value) : [])].filter(({ length }) => length >= shortest);
}

function variablesOf(item: unknown): readonly Secret[] {
  const { spec } = item as PodItem;
  return containerFields.flatMap((field) => (spec?.[field] ?? []).flatMap(ofContainer));
}

function ofContainer({ env = [], command = [], args = [] }: Container): readonly string[] {
  const words = [...command, ...args];
  const found = [
    ...env.flatMap(({ name, value = "" }) => secretsOfVariable(name, value)),
    ...words.flatMap((word, at) =>
      isSecretFlag(words[at - 1] ?? "") && !word.startsWith("-") ? [word] : secretsIn(word),
    ),
  ];
  return found.filter(({ length }) => length >= shortest);
}
