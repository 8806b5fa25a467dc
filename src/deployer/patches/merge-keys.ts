// Which lists of Kubernetes' own kinds are merged entry by entry, and by which key: what the tags patchStrategy and
// patchMergeKey of k8s.io/api say (core/v1, apps/v1, batch/v1, admissionregistration/v1). Every list that is not here is
// replaced as a whole.

import type { KubeResource } from "../../kube/types.ts";

/** What is known of a value's fields. */
export interface Fields {
  readonly [name: string]: Field;
}

export interface Field {
  /** Entries of the list are told apart by this field of theirs; "" for a list of plain values. */
  readonly key?: string;
  /** Of the value, or of each entry of the list. */
  readonly fields?: Fields;
}

const by = (key: string, fields: Fields = {}): Field => ({ key, fields });

const meta: Field = { fields: { finalizers: by(""), ownerReferences: by("uid") } };

const container: Fields = {
  env: by("name"),
  ports: by("containerPort"),
  volumeMounts: by("mountPath"),
  volumeDevices: by("devicePath"),
};

const pod: Fields = {
  containers: by("name", container),
  initContainers: by("name", container),
  ephemeralContainers: by("name", container),
  volumes: by("name"),
  imagePullSecrets: by("name"),
  hostAliases: by("ip"),
  topologySpreadConstraints: by("topologyKey"),
  resourceClaims: by("name"),
  schedulingGates: by("name"),
};

const template: Field = { fields: { metadata: meta, spec: { fields: pod } } };
const withTemplate: Fields = { spec: { fields: { template } } };
const webhooks: Fields = { webhooks: by("name", { matchConditions: by("name") }) };

const kinds: Readonly<Record<string, Fields>> = {
  Pod: { spec: { fields: pod } },
  PodTemplate: { template },
  ReplicationController: withTemplate,
  Deployment: withTemplate,
  DaemonSet: withTemplate,
  StatefulSet: withTemplate,
  ReplicaSet: withTemplate,
  Job: withTemplate,
  CronJob: { spec: { fields: { jobTemplate: { fields: { metadata: meta, ...withTemplate } } } } },
  Service: { spec: { fields: { ports: by("port") } } },
  ServiceAccount: { secrets: by("name"), imagePullSecrets: by("name") },
  Node: { spec: { fields: { podCIDRs: by("") } } },
  ValidatingWebhookConfiguration: webhooks,
  MutatingWebhookConfiguration: webhooks,
};

const groups = new Set(
  [
    ["", "apps", "autoscaling", "batch", "policy"],
    [
      "admissionregistration",
      "certificates",
      "coordination",
      "discovery",
      "events",
      "networking",
      "node",
    ].map((name) => `${name}.k8s.io`),
    ["rbac.authorization", "resource", "scheduling", "storage", "flowcontrol.apiserver"].map(
      (name) => `${name}.k8s.io`,
    ),
  ].flat(),
);

/** Undefined for a kind that is not Kubernetes' own, as upstream k0s knows them: its tags are not known. */
export function fieldsOf({ apiVersion, kind }: KubeResource): Fields | undefined {
  const slash = apiVersion.indexOf("/");
  const group = slash === -1 ? "" : apiVersion.slice(0, slash);
  return groups.has(group) ? { metadata: meta, ...kinds[kind] } : undefined;
}
