// One watch connection as an async iterable: JSON documents, one a line, for as long as the server keeps it open.

import { KubeConnectionError, errorFromStatus } from "./errors.ts";
import { describeFailure } from "../std/connection-failure.ts";
import { queryString, resourcePath } from "./paths.ts";
import type { Transport } from "./transport.ts";
import type { ApiResource, KubeResource, WatchEvent } from "./types.ts";

export interface WatchStreamOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion?: string;
  readonly timeoutSeconds?: number;
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called once the server has taken the watch, which may be long before its first event. */
  readonly onOpen?: () => void;
}

const metadataAccept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

interface RawEvent {
  type: string;
  object: KubeResource;
}

/** Ends when the server ends the watch; throws KubeError (410 `Expired`: list again) or KubeConnectionError. */
export async function* watchStream<T extends KubeResource>(
  transport: Transport,
  resource: ApiResource,
  options: WatchStreamOptions = {},
): AsyncGenerator<WatchEvent<T>, void> {
  const path = resourcePath(resource, { namespace: options.namespace });
  const query = queryString({
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: options.timeoutSeconds,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  });
  const answer = await transport.send({
    path: path + query,
    accept: options.metadataOnly === true ? metadataAccept : undefined,
    timeoutMs: false,
    retries: 0,
    signal: options.signal,
  });
  options.onOpen?.();
  if (answer.body === null) return;
  for await (const line of linesOf(answer.body, `watch ${path}`, options.signal)) {
    yield toEvent<T>(JSON.parse(line) as RawEvent, path, resource);
  }
}

/** By metadata objects come as `PartialObjectMetadata`; they are given back the kind that was asked for. */
function toEvent<T extends KubeResource>(
  event: RawEvent,
  path: string,
  { apiVersion, kind }: ApiResource,
): WatchEvent<T> {
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: event.type, object: { ...event.object, apiVersion, kind } as T };
    case "BOOKMARK":
      return { type: "BOOKMARK", resourceVersion: event.object.metadata.resourceVersion ?? "" };
    default:
      throw errorFromStatus(`watch ${path}`, event.object);
  }
}

/** Complete lines of a byte stream. The connection is closed when the consumer leaves early. */
export async function* linesOf(
  body: ReadableStream<Uint8Array>,
  what: string,
  signal?: AbortSignal,
): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest: string[] = [];
  try {
    for (;;) {
      const chunk = await readOrThrow(reader, what, signal);
      if (chunk === undefined) return;
      const parts = decoder.decode(chunk, { stream: true }).split("\n");
      // A large object arrives in many chunks: collect them and join once.
      rest.push(parts[0] ?? "");
      if (parts.length === 1) continue;
      yield rest.join("");
      yield* parts.slice(1, -1);
      rest = [parts.at(-1) ?? ""];
    }
  } finally {
    // Cancelling a stream that has failed rejects with the same failure, which is thrown already.
    await reader.cancel().catch(() => undefined);
  }
}

async function readOrThrow(
  reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> },
  what: string,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch (err) {
    signal?.throwIfAborted();
    throw new KubeConnectionError(`${what}: ${describeFailure(err)}`, err);
  }
}
