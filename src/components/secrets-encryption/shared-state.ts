// The ring as all controllers see it: one ConfigMap with the ring, what each controller has confirmed, who is joining and the last
// order to rotate. Nothing in it is secret.

import type { KubeClient } from "../../kube/client.ts";
import type { KubeResource } from "../../kube/types.ts";
import { parsedJson } from "../../std/json.ts";
import { type MarkedRing, parseRing, ringText } from "./files.ts";
import { type Report, reportSchema } from "./ring.ts";

export const stateRef = {
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "kube-system",
  name: "k0s-secrets-encryption",
} as const;

interface StateMap extends KubeResource {
  readonly data?: Readonly<Record<string, string>>;
}

export interface SharedState {
  readonly resourceVersion: string;
  readonly marked: MarkedRing;
  readonly reports: ReadonlyMap<string, Report>;
  /** Names of controllers that have asked to join, with the time in ms. */
  readonly joining: ReadonlyMap<string, number>;
  readonly request: string | undefined;
}

const reportPrefix = "controller.";
const joiningPrefix = "joining.";

/** Undefined while no cluster-wide ring is there. */
export async function readState(
  client: Pick<KubeClient, "find">,
  signal?: AbortSignal,
): Promise<SharedState | undefined> {
  const map = await client.find<StateMap>(stateRef, { signal });
  return map?.data?.["ring"] === undefined
    ? undefined
    : stateOf(map.metadata.resourceVersion ?? "", map.data);
}

function stateOf(resourceVersion: string, data: Readonly<Record<string, string>>): SharedState {
  const reports = under(data, reportPrefix).flatMap(([name, text]) => {
    const parsed = reportSchema.safeParse(parsedJson(text));
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  const joining = under(data, joiningPrefix).map(([name, at]) => [name, Date.parse(at)] as const);
  return {
    resourceVersion,
    marked: parseRing(data["ring"] ?? "", `ConfigMap ${stateRef.namespace}/${stateRef.name}`),
    reports: new Map(reports),
    joining: new Map(joining),
    request: data["rotate"],
  };
}

function under(data: Readonly<Record<string, string>>, prefix: string): [string, string][] {
  return Object.entries(data)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
}

export async function createState(
  client: Pick<KubeClient, "create">,
  marked: MarkedRing,
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion, kind, namespace, name } = stateRef;
  const map: StateMap = { apiVersion, kind, metadata: { namespace, name }, data: { ring: ringText(marked) } };
  await client.create(map, { signal });
}

type Patching = Pick<KubeClient, "patch">;

/** Fails with `Conflict` if somebody has changed the state since. */
export async function writeStateRing(
  client: Patching,
  { resourceVersion }: SharedState,
  marked: MarkedRing,
  signal: AbortSignal,
): Promise<void> {
  await client.patch(
    stateRef,
    "merge",
    { metadata: { resourceVersion }, data: { ring: ringText(marked) } },
    { signal },
  );
}

/** Who has confirmed is not joining any more. */
export async function writeReport(
  client: Patching,
  name: string,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const data = { [reportPrefix + name]: JSON.stringify(report), [joiningPrefix + name]: null };
  await client.patch(stateRef, "merge", { data }, { signal });
}

/** From now on a change of the ring waits for it. */
export async function noteJoining(
  client: Pick<KubeClient, "find" | "patch">,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await readState(client, signal)) === undefined) return;
  await client.patch(
    stateRef,
    "merge",
    { data: { [joiningPrefix + name]: new Date().toISOString() } },
    { signal },
  );
}

export async function requestRotation(
  client: Patching,
  request: string,
  signal?: AbortSignal,
): Promise<void> {
  await client.patch(stateRef, "merge", { data: { rotate: request } }, { signal });
}

/** A controller that has not come after this long is not joining any more. */
const joiningMs = 15 * 60_000;

/**
 * Everyone whose confirmation counts. `leases`: names of controllers that have one, also of those that are down; `departed`: of
 * those that have left for good, so that what they have said is of a life before.
 */
export function controllersOf(
  { reports, joining }: Pick<SharedState, "reports" | "joining">,
  leases: readonly string[],
  nowMs: number,
  departed: ReadonlySet<string> = new Set(),
): readonly string[] {
  const coming = [...joining].filter(
    ([name, at]) => nowMs - at < joiningMs && (!reports.has(name) || departed.has(name)),
  );
  const there = leases.filter((name) => !departed.has(name));
  return [...new Set([...there, ...coming.map(([name]) => name)])].toSorted();
}
