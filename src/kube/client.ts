// The Kubernetes API as typed calls. Small on purpose; docs/adr/0006-own-kubernetes-client.md says why it is our own.

import { createDiscovery } from "./discovery.ts";
import type { Discovery } from "./discovery.ts";
import { isNotFoundError, KubeError } from "./errors.ts";
import { listPages, type PageQuery, type RawList } from "./list-pages.ts";
import { queryString, resourcePath } from "./paths.ts";
import type { QueryValue } from "./paths.ts";
import { createTransport } from "./transport.ts";
import type { Credentials, Transport, TransportRequest } from "./transport.ts";
import type {
  ApiResource,
  GroupVersionKind,
  KubeList,
  KubeObject,
  KubeResource,
  ObjectRef,
  WatchEvent,
} from "./types.ts";
import { refOf } from "./types.ts";
import { watchStream } from "./watch.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Further tries after 429, 503 and lost connections; default 4. */
  readonly retries?: number | undefined;
  /** Asked right before each try is sent; what it throws ends the call. */
  readonly permit?: (() => void) | undefined;
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  /** e.g. `status`, `approval`. */
  readonly subresource?: string;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take fields over from other managers instead of failing with a conflict. */
  readonly force?: boolean;
}

export type PatchType = "json" | "merge" | "strategic";

export interface DeleteOptions extends CallOptions {
  readonly propagation?: "Foreground" | "Background" | "Orphan";
  readonly gracePeriodSeconds?: number;
  /** Delete only the object with this uid; fails with `Conflict` otherwise. */
  readonly uid?: string;
  /** Delete only the object as it was at this version; fails with `Conflict` otherwise. */
  readonly resourceVersion?: string;
}

export interface SelectOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface GetOptions extends CallOptions {
  /** Only `apiVersion`, `kind` and `metadata`. */
  readonly metadataOnly?: boolean;
}

export interface ListOptions<T extends KubeResource = never> extends GetOptions, SelectOptions {
  /** Objects asked for at a time; default 500. The result is whole in any case. */
  readonly pageSize?: number;
  /** What of an object is held, asked page by page, so that no more than one page is there whole; default all of it. */
  readonly keep?: (object: T) => T;
}

export interface WatchOptions extends SelectOptions {
  /** Only `apiVersion`, `kind` and `metadata` of each object. */
  readonly metadataOnly?: boolean;
  /** Where to continue; left out, the server begins with what exists. */
  readonly resourceVersion?: string;
  /** Called once the server has taken the watch, which may be long before its first event. */
  readonly onOpen?: () => void;
  /** How long the server keeps the watch open. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface RawOptions extends CallOptions {
  readonly method?: TransportRequest["method"];
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
}

export interface KubeClient {
  /** `https://host:port` */
  readonly server: string;
  readonly discovery: Discovery;
  get<T extends KubeResource = KubeObject>(ref: ObjectRef, options?: GetOptions): Promise<T>;
  /** Like `get`, but undefined when there is no such object. */
  find<T extends KubeResource = KubeObject>(ref: ObjectRef, options?: GetOptions): Promise<T | undefined>;
  list<T extends KubeResource = KubeObject>(
    kind: GroupVersionKind | ApiResource,
    options?: ListOptions<T>,
  ): Promise<KubeList<T>>;
  create<T extends KubeResource>(object: T, options?: WriteOptions): Promise<T>;
  /** Replaces an object; fails with `Conflict` when its resourceVersion is not the current one. */
  update<T extends KubeResource>(object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeResource = KubeObject>(
    ref: ObjectRef,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions,
  ): Promise<T>;
  /** Server-side apply. */
  apply<T extends KubeResource>(object: T, options: ApplyOptions): Promise<T>;
  /** False when there was nothing to delete. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
  /** One watch connection; ends when the server ends it. Use an informer to follow a kind for long. */
  watch<T extends KubeResource = KubeObject>(
    kind: GroupVersionKind | ApiResource,
    options?: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
  /** Any path, e.g. `/readyz`; the answer's body is the caller's to read. */
  raw(path: string, options?: RawOptions): Promise<Response>;
  /** Every kind that the server serves, asked again. */
  discover(signal?: AbortSignal): Promise<readonly ApiResource[]>;
}

export interface KubeClientOptions extends Credentials {
  readonly server: string;
  readonly userAgent?: string;
}

export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { server, userAgent, ...credentials } = options;
  return kubeClientOn(createTransport({ server, userAgent, credentials: () => credentials }));
}

const patchContentType: Record<PatchType, string> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
};

const metadataListAccept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const metadataAccept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/** A client on any transport, e.g. one whose credentials change. */
export function kubeClientOn(transport: Transport): KubeClient {
  const discovery = createDiscovery(transport);

  const json = async <T>(request: TransportRequest): Promise<T> => (await transport.sendJson(request)) as T;

  const resourceOf = async (
    kind: GroupVersionKind | ApiResource,
    signal?: AbortSignal,
  ): Promise<ApiResource> => ("plural" in kind ? kind : await discovery.resolve(kind, signal));

  const objectPath = async (ref: ObjectRef, subresource?: string, signal?: AbortSignal): Promise<string> => {
    const resource = await resourceOf({ apiVersion: ref.apiVersion, kind: ref.kind }, signal);
    requireNamespace(resource, ref.namespace, ref.name);
    return resourcePath(resource, { namespace: ref.namespace, name: ref.name, subresource });
  };

  const client: KubeClient = {
    server: transport.server,
    discovery,
    async get<T extends KubeResource>(ref: ObjectRef, options: GetOptions = {}) {
      const path = await objectPath(ref, undefined, options.signal);
      if (options.metadataOnly !== true) return await json<T>({ path, ...callOf(options) });
      const partial = await json<T>({ path, accept: metadataAccept, ...callOf(options) });
      return { ...partial, apiVersion: ref.apiVersion, kind: ref.kind };
    },
    async find<T extends KubeResource>(ref: ObjectRef, options: GetOptions = {}) {
      try {
        return await client.get<T>(ref, options);
      } catch (err) {
        if (isNotFoundError(err)) return undefined;
        throw err;
      }
    },
    async list<T extends KubeResource>(
      kind: GroupVersionKind | ApiResource,
      options: ListOptions<T> = {},
    ): Promise<KubeList<T>> {
      const resource = await resourceOf(kind, options.signal);
      const { apiVersion, kind: name } = resource;
      const { keep = (object) => object } = options;
      const path = resourcePath(resource, { namespace: options.namespace });
      const accept = options.metadataOnly === true ? metadataListAccept : undefined;
      const page = async (query: PageQuery): Promise<RawList> => {
        const { labelSelector, fieldSelector } = options;
        const text = queryString({ labelSelector, fieldSelector, ...query });
        const body = await json<RawList>({ path: path + text, accept, ...callOf(options) });
        // Items of a list do not carry their kind.
        const items = (body.items ?? []).map((item) =>
          keep({ ...item, apiVersion, kind: name } as unknown as T),
        );
        return { ...body, items };
      };
      const { resourceVersion, items } = await listPages(page, options.pageSize);
      return { resourceVersion, items: items as T[] };
    },
    async create<T extends KubeResource>(object: T, options: WriteOptions = {}) {
      const resource = await resourceOf({ apiVersion: object.apiVersion, kind: object.kind }, options.signal);
      const { namespace, name } = object.metadata;
      requireNamespace(resource, namespace, name ?? object.metadata.generateName ?? "");
      // Subresources such as `token` and `eviction` are created below the object.
      const parts =
        options.subresource === undefined
          ? { namespace }
          : { namespace, name, subresource: options.subresource };
      const path = resourcePath(resource, parts) + writeQuery(options);
      return await json<T>({ method: "POST", path, body: JSON.stringify(object), ...callOf(options) });
    },
    async update<T extends KubeResource>(object: T, options: WriteOptions = {}) {
      const path =
        (await objectPath(refOf(object), options.subresource, options.signal)) + writeQuery(options);
      return await json<T>({ method: "PUT", path, body: JSON.stringify(object), ...callOf(options) });
    },
    async patch<T extends KubeResource>(
      ref: ObjectRef,
      type: PatchType,
      patch: unknown,
      options: WriteOptions = {},
    ) {
      const path = (await objectPath(ref, options.subresource, options.signal)) + writeQuery(options);
      const contentType = patchContentType[type];
      return await json<T>({
        method: "PATCH",
        path,
        contentType,
        body: JSON.stringify(patch),
        ...callOf(options),
      });
    },
    async apply<T extends KubeResource>(object: T, options: ApplyOptions) {
      const query = writeQuery(options, { force: options.force });
      const path = (await objectPath(refOf(object), options.subresource, options.signal)) + query;
      const contentType = "application/apply-patch+yaml";
      return await json<T>({
        method: "PATCH",
        path,
        contentType,
        body: JSON.stringify(object),
        ...callOf(options),
      });
    },
    async delete(ref, options = {}) {
      const path = await objectPath(ref, undefined, options.signal);
      const body = JSON.stringify({
        apiVersion: "v1",
        kind: "DeleteOptions",
        propagationPolicy: options.propagation ?? "Background",
        ...(options.gracePeriodSeconds === undefined
          ? {}
          : { gracePeriodSeconds: options.gracePeriodSeconds }),
        ...preconditionsOf(options),
      });
      try {
        const answer = await transport.send({ method: "DELETE", path, body, ...callOf(options) });
        await answer.body?.cancel();
        return true;
      } catch (err) {
        if (isNotFoundError(err)) return false;
        throw err;
      }
    },
    async *watch<T extends KubeResource>(kind: GroupVersionKind | ApiResource, options: WatchOptions = {}) {
      const resource = await resourceOf(kind, options.signal);
      yield* watchStream<T>(transport, resource, options);
    },
    raw(path, options = {}) {
      const { method, body, contentType, accept } = options;
      return transport.send({ path, method, body, contentType, accept, ...callOf(options) });
    },
    discover: (signal) => discovery.all({ refresh: true, signal }),
  };
  return client;
}

function preconditionsOf({ uid, resourceVersion }: DeleteOptions): { preconditions?: object } {
  // Members that are undefined are left out of the JSON.
  return uid === undefined && resourceVersion === undefined
    ? {}
    : { preconditions: { uid, resourceVersion } };
}

function callOf({ signal, timeoutMs, retries, permit }: CallOptions): CallOptions {
  return { signal, timeoutMs, retries, permit };
}

function writeQuery(options: WriteOptions, more: Readonly<Record<string, QueryValue>> = {}): string {
  return queryString({
    fieldManager: options.fieldManager,
    dryRun: options.dryRun === true ? "All" : undefined,
    ...more,
  });
}

/** Without this the request would go to the collection of all namespaces and fail with a bare 404 or 405. */
function requireNamespace(resource: ApiResource, namespace: string | undefined, name: string): void {
  if (!resource.namespaced || (namespace !== undefined && namespace !== "")) return;
  throw new KubeError({
    status: 400,
    reason: "BadRequest",
    message: `${resource.kind} ${name} needs a metadata.namespace`,
  });
}
