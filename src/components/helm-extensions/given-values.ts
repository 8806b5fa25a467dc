// What the `valuesFrom` of a Chart hold: ConfigMaps and Secrets of its namespace.

import type { KubeClient } from "../../kube/client.ts";
import { type ConfigMap, configMapKind } from "../../kube/objects/config-map.ts";
import { type Secret, secretKind } from "../../kube/objects/secret.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { leavesOf } from "../../std/leaves.ts";
import { isMapping } from "../../std/mapping.ts";
import { parseYaml } from "../../std/yaml.ts";
import { type Chart, chartNamespace, type ValuesReference } from "./chart.ts";
import type { NamedValues } from "./workspace.ts";

export interface GivenValues {
  /** In the order of the references. */
  readonly texts: readonly NamedValues[];
  /** What stands in Secrets: it must not be shown. */
  readonly secrets: readonly string[];
  /** Of all that they hold; empty for a Chart without references. */
  readonly hash: string;
}

export const noValues: GivenValues = { texts: [], secrets: [], hash: "" };

/** Throws a UserError about one that is not there, or holds no values. */
export async function givenValues(
  client: Pick<KubeClient, "find">,
  { metadata: { namespace = chartNamespace }, spec = {} }: Chart,
  signal: AbortSignal,
): Promise<GivenValues> {
  const { valuesFrom = [] } = spec;
  if (valuesFrom.length === 0) return noValues;
  const found: (Found | undefined)[] = [];
  for (const reference of valuesFrom) found.push(await read(client, namespace, reference, signal));
  const there = found.filter((one) => one !== undefined);
  return {
    texts: there.map(({ name, text }) => ({ name, text })),
    secrets: there.flatMap(({ secrets }) => secrets),
    hash: hashOf(valuesFrom, found),
  };
}

/** What stands in those Secrets that are there and hold values, also while others are missing. */
export async function givenSecrets(
  client: Pick<KubeClient, "find">,
  { metadata: { namespace = chartNamespace }, spec = {} }: Chart,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const secrets: string[] = [];
  for (const reference of spec.valuesFrom ?? []) {
    if (reference.kind !== secretKind.kind) continue;
    try {
      secrets.push(...((await read(client, namespace, reference, signal))?.secrets ?? []));
    } catch (err) {
      if (!(err instanceof UserError)) throw err;
    }
  }
  return secrets;
}

interface Found extends NamedValues {
  readonly uid: string;
  readonly secrets: readonly string[];
}

const usualKey = "values.yaml";

async function read(
  client: Pick<KubeClient, "find">,
  namespace: string,
  { kind, name, key = usualKey, optional = false }: ValuesReference,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const secret = kind === secretKind.kind;
  const ref = { ...(secret ? secretKind : configMapKind), name, namespace };
  const object = await client.find<ConfigMap & Secret>(ref, { signal });
  const content = object?.data?.[key];
  const what = `${kind} ${namespace}/${name} of valuesFrom`;
  if (object === undefined || content === undefined) {
    if (optional) return undefined;
    throw new UserError(object === undefined ? `${what} not found` : `${what} has no key ${key}`);
  }
  const text = secret ? Buffer.from(content, "base64").toString("utf8") : content;
  const values = mappingIn(text, `${what}, key ${key},`, secret);
  return {
    name: `${what}, key ${key}`,
    uid: object.metadata.uid ?? "",
    text,
    secrets: secret ? shownForms(scalarsIn(values)) : [],
  };
}

/** The parser repeats what it does not understand, so for a Secret only that it does not is told. */
function mappingIn(text: string, what: string, secret: boolean): unknown {
  let values: unknown;
  try {
    values = parseYaml(text, { source: "line" });
  } catch (err) {
    throw new UserError(`${what} does not hold YAML${secret ? "" : ` (${errorMessage(err)})`}`);
  }
  if (values !== null && !isMapping(values)) throw new UserError(`${what} does not hold a YAML mapping`);
  return values;
}

function scalarsIn(values: unknown): readonly string[] {
  return leavesOf(values)
    .filter((leaf) => typeof leaf === "string" || typeof leaf === "number")
    .map(String);
}

/** As helm, a template or the API server may repeat them; the longest first, so that none leaves its end behind. */
function shownForms(texts: readonly string[]): readonly string[] {
  const forms = texts.flatMap((text) => [
    text,
    ...text.split("\n").map((line) => line.trim()),
    text
      .trim()
      .split(/\s*\n\s*/)
      .join(" "),
    Buffer.from(text).toString("base64"),
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
  ]);
  return [...new Set(forms)]
    .filter((form) => form !== "")
    .toSorted((one, other) => other.length - one.length);
}

/**
 * The hash is in the status, where more people may read than in Secrets, and a short password can be guessed by its hash. So
 * it is made with the uids of the objects, which are random and known only to those who may read them.
 */
function hashOf(references: readonly ValuesReference[], found: readonly (Found | undefined)[]): string {
  const hasher = new Bun.CryptoHasher("sha256", found.map((one) => one?.uid ?? "none").join());
  const content = references.map(({ kind, name, key = usualKey }, index) => [
    kind,
    name,
    key,
    found[index]?.text ?? null,
  ]);
  return hasher.update(JSON.stringify(content)).digest("hex");
}
