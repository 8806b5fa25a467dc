// The shape that every Kubernetes object shares. Kinds that are read field by field have their own types in `objects/`.

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: unknown[];
}

/** What a typed kind extends. */
export interface KubeResource {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object of any kind, its further fields unknown. */
export interface KubeObject extends KubeResource {
  [field: string]: unknown;
}

/** Names one object. `namespace` is left out for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

export interface GroupVersionKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** One kind as the API server serves it. */
export interface ApiResource extends GroupVersionKind {
  readonly group: string;
  readonly version: string;
  /** The path segment, e.g. `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface KubeList<T extends KubeResource = KubeObject> {
  readonly resourceVersion: string;
  readonly items: T[];
}

export type WatchEvent<T extends KubeResource = KubeObject> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

/** The reference of an object that has a name. */
export function refOf(object: KubeResource): ObjectRef {
  const { name, namespace } = object.metadata;
  if (name === undefined || name === "") throw new TypeError(`a ${object.kind} has no metadata.name`);
  return namespace === undefined || namespace === ""
    ? { apiVersion: object.apiVersion, kind: object.kind, name }
    : { apiVersion: object.apiVersion, kind: object.kind, namespace, name };
}

/** `ConfigMap kube-system/coredns`: how objects are named in logs and errors. */
export function describeRef(ref: ObjectRef): string {
  return ref.namespace === undefined ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}

/** The group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}
