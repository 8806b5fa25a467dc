// The object in which the leader writes how its stacks are, one entry a stack. docs/adr/0070.

import type { KubeClient } from "../kube/client.ts";
import type { KubeObject } from "../kube/types.ts";
import { briefStatus, stackStatusSchema } from "./stack-status.ts";
import type { StackStatus } from "./stack-status.ts";
import { parsedJson } from "../std/json.ts";

export const statusObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "kube-system",
  name: "k0s-stacks",
} as const;

const fieldManager = "k0s-stack-status";

export type StackStatuses = ReadonlyMap<string, StackStatus>;

/** Undefined when nobody has written any. */
export async function readStatusData(
  client: KubeClient,
  signal: AbortSignal,
): Promise<StatusData | undefined> {
  const object = await client.find(statusObject, { signal });
  return object === undefined ? undefined : ((object["data"] ?? {}) as StatusData);
}

/** What an entry of another version says is left out if it cannot be read. */
export function statusesOf(data: StatusData): StackStatuses {
  return new Map(
    Object.entries(data).flatMap(([stack, text]) => {
      const status = parsed(text);
      return status === undefined ? [] : [[stack, status] as const];
    }),
  );
}

/** Replaces all entries. */
export async function writeStatusData(
  client: KubeClient,
  data: StatusData,
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion, kind, namespace, name } = statusObject;
  const object: KubeObject = { apiVersion, kind, metadata: { namespace, name }, data };
  await client.apply(object, { fieldManager, force: true, signal });
}

export type StatusData = Readonly<Record<string, string>>;

/** The server takes a mebibyte. */
const mostBytes = 900_000;

/** By name; the longest entries lose their details if all together are too long. */
export function statusData(statuses: StackStatuses, most = mostBytes): StatusData {
  const entries = new Map(
    [...statuses]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([stack, status]) => [stack, JSON.stringify(status)] as const),
  );
  let bytes = 0;
  for (const [stack, text] of entries) bytes += stack.length + Buffer.byteLength(text);
  const longestFirst = [...entries].sort(([, a], [, b]) => b.length - a.length);
  for (const [stack, text] of longestFirst) {
    const status = statuses.get(stack);
    if (bytes <= most || status === undefined) break;
    const brief = JSON.stringify(briefStatus(status));
    bytes -= Buffer.byteLength(text) - Buffer.byteLength(brief);
    entries.set(stack, brief);
  }
  return Object.fromEntries(entries);
}

function parsed(text: string): StackStatus | undefined {
  return stackStatusSchema.safeParse(parsedJson(text)).data;
}
