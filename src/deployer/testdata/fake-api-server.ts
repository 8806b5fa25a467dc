// An API server in memory for tests of the deployer: it counts requests, can be made to answer late or not at all, and
// knows server-side apply with owners of fields as far as mappings go (a list is one field). A real one is asked by
// test/integration/kube/deployer.test.ts.

import { KubeError } from "../../kube/errors.ts";
import { kubeClientOn } from "../../kube/client.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Transport, TransportRequest } from "../../kube/transport.ts";
import type { KubeObject } from "../../kube/types.ts";

export interface FakeKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface FakeApiServer {
  readonly client: KubeClient;
  /** `METHOD /path` of every request, without the query. */
  readonly requests: string[];
  /** `Kind namespace/name uid` of everything that was deleted. */
  readonly deleted: string[];
  /** Every object, by `Kind namespace/name`. */
  objects(): ReadonlyMap<string, KubeObject>;
  object(name: string): KubeObject | undefined;
  /** How many times fields were taken from others by force. */
  readonly forced: number;
  /** The most requests that were in flight at one time. */
  readonly mostInFlight: number;
  /** Runs before each request; may wait or throw. */
  before: (request: TransportRequest) => Promise<void>;
  /** Whether watches tell of changes; default: each ends at once. They are no requests here, but `WATCH /path`. */
  watches: boolean;
}

export const fakeKinds: readonly FakeKind[] = [
  { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true },
  { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true },
  { apiVersion: "v1", kind: "Event", plural: "events", namespaced: true },
  { apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false },
  { apiVersion: "v1", kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", namespaced: true },
  { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true },
  {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    namespaced: false,
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    plural: "clusterroles",
    namespaced: false,
  },
  { apiVersion: "example.com/v1", kind: "Gadget", plural: "gadgets", namespaced: false },
  { apiVersion: "example.com/v1", kind: "Widget", plural: "widgets", namespaced: true },
];

type Tree = Record<string, unknown>;
interface Managed {
  manager: string;
  operation: "Apply" | "Update";
  subresource?: string;
  fieldsV1: Tree;
}

const ownerless = new Set(["apiVersion", "kind", "metadata.name", "metadata.namespace"]);

export function fakeApiServer(kinds: readonly FakeKind[] = fakeKinds): FakeApiServer {
  const store = new Map<string, KubeObject>();
  const fake = {
    requests: [] as string[],
    deleted: [] as string[],
    mostInFlight: 0,
    forced: 0,
    watches: false,
    before: async (_request: TransportRequest): Promise<void> => undefined,
  };
  let version = 0;
  let inFlight = 0;

  const answer = (request: TransportRequest): unknown => {
    const url = new URL(`http://fake${request.path}`);
    const path = decodeURIComponent(url.pathname);
    if (path === "/api" || path === "/apis") return discovery(kinds, path === "/api");
    const found = parsePath(kinds, path);
    if (found === undefined) throw new KubeError({ status: 404, reason: "NotFound", message: path });
    const { kind, namespace, name, subresource } = found;
    const method = request.method ?? "GET";
    const body = JSON.parse(request.body ?? '{"metadata":{}}') as KubeObject;
    if (name === undefined && method === "GET") return list(kind, namespace, url);
    const key = keyOf(kind, namespace, name ?? body.metadata.name ?? "");
    const current = store.get(key);
    if (method === "DELETE") return remove(key, current, body);
    if (method === "GET") return current ?? notFound(path);
    if (method === "POST" && current !== undefined)
      throw new KubeError({ status: 409, reason: "AlreadyExists", message: path });
    if (kind.kind === "Namespace" || !kind.namespaced) delete body.metadata?.namespace;
    const write: Write = {
      manager: url.searchParams.get("fieldManager") ?? "unknown",
      operation: request.contentType === "application/apply-patch+yaml" ? "Apply" : "Update",
      subresource,
      force: url.searchParams.get("force") === "true",
    };
    if (current === undefined && write.operation === "Update" && method === "PATCH") return notFound(path);
    return put(key, current, body, write);
  };

  /** What is only tried leaves everything as it was. */
  const tried = (request: TransportRequest): unknown => {
    if (!request.path.includes("dryRun=All")) return answer(request);
    const [kept, forced] = [structuredClone(store), fake.forced];
    try {
      return answer(request);
    } finally {
      store.clear();
      for (const [key, object] of kept) store.set(key, object);
      fake.forced = forced;
    }
  };

  const list = (kind: FakeKind, namespace: string | undefined, url: URL): unknown => {
    const selector = url.searchParams.get("labelSelector");
    const all = [...store]
      .filter(([key]) => key.startsWith(`${kind.kind} `))
      .map(([, object]) => object)
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
      .filter(({ metadata }) => selector === null || selects(selector, metadata.labels ?? {}));
    const from = Number(url.searchParams.get("continue") ?? 0);
    const limit = Number(url.searchParams.get("limit") ?? all.length);
    const more = from + limit < all.length;
    return {
      metadata: { resourceVersion: String(version), ...(more ? { continue: String(from + limit) } : {}) },
      items: structuredClone(all.slice(from, from + limit)),
    };
  };

  const remove = (key: string, current: KubeObject | undefined, body: Tree): unknown => {
    if (current === undefined) return notFound(key);
    const wanted = (body["preconditions"] ?? {}) as { uid?: string; resourceVersion?: string };
    if (
      (wanted.uid !== undefined && wanted.uid !== current.metadata.uid) ||
      (wanted.resourceVersion !== undefined && wanted.resourceVersion !== current.metadata.resourceVersion)
    )
      throw new KubeError({ status: 409, reason: "Conflict", message: `precondition of ${key}` });
    store.delete(key);
    tell("DELETED", current);
    fake.deleted.push(`${key} ${current.metadata.uid ?? ""}`);
    return {};
  };

  const put = (key: string, current: KubeObject | undefined, body: KubeObject, write: Write): KubeObject => {
    const wantedVersion = body.metadata?.resourceVersion;
    if (wantedVersion !== undefined && wantedVersion !== current?.metadata.resourceVersion)
      throw new KubeError({ status: 409, reason: "Conflict", message: `${key} has been modified` });
    const managed = structuredClone((current?.metadata.managedFields ?? []) as Managed[]);
    const wanted = new Map([...leaves(body)].filter(([path]) => !ownerless.has(path)));
    const present = current === undefined ? new Map<string, unknown>() : leaves(current);
    const conflicts: { field: string; message: string; reason: string }[] = [];
    const changed = [...wanted].filter(
      ([path, value]) => JSON.stringify(value) !== JSON.stringify(present.get(path)),
    );
    const own = managed.find(
      (entry) =>
        entry.manager === write.manager &&
        entry.operation === write.operation &&
        entry.subresource === write.subresource,
    );
    for (const [path] of changed) {
      for (const entry of managed) {
        if (entry === own || entry.fieldsV1[path] === undefined) continue;
        const by = entry.subresource === undefined ? "" : ` with subresource "${entry.subresource}"`;
        conflicts.push({
          reason: "FieldManagerConflict",
          message: `conflict with "${entry.manager}"${by} using v1`,
          field: `.${path}`,
        });
        if (write.operation === "Update" || write.force) delete entry.fieldsV1[path];
      }
    }
    if (write.operation === "Apply" && !write.force && conflicts.length > 0)
      throw new KubeError({
        status: 409,
        reason: "Conflict",
        message: `Apply failed with ${conflicts.length} conflicts`,
        details: { causes: conflicts },
      });
    if (write.force && conflicts.length > 0) fake.forced += 1;
    const result = structuredClone<Tree>(current ?? { ...body, metadata: {} });
    for (const [path, value] of wanted) setLeaf(result, path, value);
    const fields = Object.fromEntries(
      (write.operation === "Apply" ? [...wanted] : changed).map(([path]) => [path, {}]),
    );
    if (write.operation === "Apply") {
      for (const path of Object.keys(own?.fieldsV1 ?? {}))
        if (!wanted.has(path) && !managed.some((entry) => entry !== own && entry.fieldsV1[path] !== undefined))
          setLeaf(result, path, undefined);
      if (own !== undefined) own.fieldsV1 = fields;
    } else if (own !== undefined) Object.assign(own.fieldsV1, fields);
    if (own === undefined)
      managed.push({
        manager: write.manager,
        operation: write.operation,
        ...(write.subresource === undefined ? {} : { subresource: write.subresource }),
        fieldsV1: fields,
      });
    const stored = result as unknown as KubeObject;
    stored.apiVersion = body.apiVersion ?? stored.apiVersion;
    stored.kind = body.kind ?? stored.kind;
    const [, fullName = ""] = key.split(" ");
    const slash = fullName.indexOf("/");
    stored.metadata = {
      ...stored.metadata,
      name: fullName.slice(slash + 1),
      ...(slash > 0 ? { namespace: fullName.slice(0, slash) } : {}),
      uid: current?.metadata.uid ?? crypto.randomUUID(),
      resourceVersion: JSON.stringify(result) === JSON.stringify(current) ? String(version) : String(++version),
      managedFields: managed.filter((entry) => Object.keys(entry.fieldsV1).length > 0),
    };
    store.set(key, structuredClone(stored));
    tell("MODIFIED", stored);
    return structuredClone(stored);
  };

  const watching = new Set<{ kind: string; put: (line: string) => void }>();
  const tell = (type: "MODIFIED" | "DELETED", object: KubeObject): void => {
    const line = `${JSON.stringify({ type, object })}\n`;
    for (const one of watching) if (one.kind === object.kind) one.put(line);
  };
  const watch = ({ path, signal }: TransportRequest): Response => {
    fake.requests.push(`WATCH ${path.split("?", 1)[0] ?? ""}`);
    const { kind } = parsePath(kinds, new URL(`http://fake${path}`).pathname) ?? notFound(path);
    return new Response(
      new ReadableStream<Uint8Array>({
        start(stream) {
          const put = (line: string): void => stream.enqueue(new TextEncoder().encode(line));
          const one = { kind: kind.kind, put };
          watching.add(one);
          signal?.addEventListener("abort", () => {
            if (watching.delete(one)) stream.error(signal.reason);
          });
        },
      }),
    );
  };

  const transport: Transport = {
    server: "https://fake",
    async sendJson(request) {
      inFlight += 1;
      fake.mostInFlight = Math.max(fake.mostInFlight, inFlight);
      fake.requests.push(`${request.method ?? "GET"} ${request.path.split("?", 1)[0] ?? ""}`);
      try {
        await fake.before(request);
        request.signal?.throwIfAborted();
        return withLabelOwners(structuredClone(tried(request)));
      } finally {
        inFlight -= 1;
      }
    },
    send: async (request) =>
      fake.watches && request.path.includes("watch=true")
        ? watch(request)
        : Response.json(await transport.sendJson(request)),
  };
  return Object.assign(fake, {
    client: kubeClientOn(transport),
    objects: () => store,
    object: (name: string) => store.get(name),
  });
}

/** Who has set which label, in the words of a real server. */
function withLabelOwners(answer: unknown): unknown {
  const { items, metadata } = answer as { items?: unknown[]; metadata?: { managedFields?: Managed[] } };
  items?.forEach((item) => withLabelOwners(item));
  for (const { fieldsV1 } of metadata?.managedFields ?? []) {
    const labels = Object.keys(fieldsV1).filter((path) => path.startsWith("metadata.labels."));
    if (labels.length === 0) continue;
    const owned = labels.map((path) => [`f:${path.slice("metadata.labels.".length)}`, {}]);
    fieldsV1["f:metadata"] = { "f:labels": Object.fromEntries(owned) };
  }
  return answer;
}

interface Write {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly subresource: string | undefined;
  readonly force: boolean;
}

function notFound(what: string): never {
  throw new KubeError({ status: 404, reason: "NotFound", message: `${what} not found` });
}

function keyOf(kind: FakeKind, namespace: string | undefined, name: string): string {
  return `${kind.kind} ${kind.namespaced ? `${namespace ?? ""}/` : ""}${name}`;
}

function parsePath(
  kinds: readonly FakeKind[],
  path: string,
): { kind: FakeKind; namespace?: string; name?: string; subresource?: string } | undefined {
  const [, root, ...rest] = path.split("/");
  const apiVersion = root === "api" ? rest.shift() : `${rest.shift() ?? ""}/${rest.shift() ?? ""}`;
  const namespace = rest[0] === "namespaces" && rest.length > 2 ? rest.splice(0, 2)[1] : undefined;
  const [plural, name, subresource] = rest;
  const kind = kinds.find((entry) => entry.apiVersion === apiVersion && entry.plural === plural);
  return kind === undefined
    ? undefined
    : {
        kind,
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
        ...(subresource === undefined ? {} : { subresource }),
      };
}

function selects(selector: string, labels: Readonly<Record<string, string>>): boolean {
  const [key = "", value] = selector.split("=");
  return value === undefined ? key in labels : labels[key] === value;
}

/** Path → value of everything that is not a mapping. */
function leaves(object: KubeObject): Map<string, unknown> {
  const result = new Map<string, unknown>();
  const skipped = new Set(["managedFields", "uid", "resourceVersion", "generation", "creationTimestamp"]);
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) result.set(path, value);
    else
      for (const [key, inner] of Object.entries(value))
        if (path !== "metadata" || !skipped.has(key)) walk(inner, path === "" ? key : `${path}.${key}`);
  };
  walk(object, "");
  return result;
}

/** Labels and annotations have dots in their keys. */
function segments(path: string): string[] {
  const special = /^metadata\.(labels|annotations)\.(.+)$/.exec(path);
  return special === null ? path.split(".") : ["metadata", special[1] ?? "", special[2] ?? ""];
}

function setLeaf(root: Tree, path: string, value: unknown): void {
  const keys = segments(path);
  const last = keys.pop() ?? "";
  let at = root;
  for (const key of keys) at = (at[key] ??= {}) as Tree;
  if (value === undefined) delete at[last];
  else at[last] = value;
}

function discovery(kinds: readonly FakeKind[], core: boolean): unknown {
  const groups = Map.groupBy(
    kinds.filter(({ apiVersion }) => apiVersion.includes("/") !== core),
    ({ apiVersion }) => (core ? "" : (apiVersion.split("/")[0] ?? "")),
  );
  return {
    items: [...groups].map(([name, members]) => ({
      metadata: { name },
      versions: [
        {
          version: members[0]?.apiVersion.split("/").at(-1),
          resources: members.map(({ kind, plural, namespaced }) => ({
            resource: plural,
            responseKind: { kind },
            scope: namespaced ? "Namespaced" : "Cluster",
            verbs: ["list", "delete", "get", "patch", "create"],
          })),
        },
      ],
    })),
  };
}
