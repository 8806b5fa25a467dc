// The CustomResourceDefinition of Chart. Upstream: static/_crds/helm.

import type { KubeObject } from "../../kube/types.ts";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const number = { type: "integer", format: "int64" } as const;

function object(properties: Readonly<Record<string, unknown>>, required: readonly string[] = []) {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

const repository = object({
  url: text,
  username: text,
  password: text,
  caFile: { ...text, description: "Path on the leading controller, as certFile and keyFile." },
  certFile: text,
  keyFile: text,
  insecure: { ...flag, description: "True: certificates of the repository are not checked." },
  plainHTTP: { ...flag, description: "True: a registry is asked without TLS." },
  configFrom: object({
    secretRef: {
      ...object({ name: text, namespace: text }, ["name"]),
      description:
        "A Secret whose keys url, username, password, ca.crt, tls.crt, tls.key, insecure and plainHTTP win over the fields beside it.",
    },
  }),
});

const spec = object({
  chartName: {
    ...text,
    description: "repository/chart, oci://registry/path/chart, or the path of an archive.",
  },
  releaseName: text,
  version: { ...text, description: "A version or a range; empty for the newest one." },
  values: { ...text, description: "A text that holds YAML." },
  valuesFrom: {
    type: "array",
    description:
      "ConfigMaps and Secrets of this namespace that hold values: a later one wins over an earlier one, values over all.",
    items: object(
      {
        kind: { ...text, enum: ["ConfigMap", "Secret"] },
        name: text,
        key: { ...text, description: "Of its data; values.yaml without it." },
        optional: { ...flag, description: "True: one that is not there is passed over." },
      },
      ["kind", "name"],
    ),
  },
  namespace: text,
  timeout: text,
  forceUpgrade: { ...flag, default: true, description: "False: an upgrade does not use --force." },
  order: {
    type: "integer",
    description: "Charts with lower numbers are installed before those with higher ones.",
  },
  repository,
});

const status = object({
  releaseName: text,
  version: text,
  appVersion: text,
  revision: number,
  namespace: text,
  updated: text,
  valuesHash: text,
  status: text,
  error: text,
  specHash: { ...text, description: "Of what the release was made from." },
  valuesFromHash: { ...text, description: "Of what valuesFrom held then." },
  operation: {
    ...object({ release: text, namespace: text, revision: number }),
    description: "What k0s has begun with the release and not ended yet.",
  },
});

const columns = [
  ["Release", ".status.releaseName"],
  ["Namespace", ".status.namespace"],
  ["Version", ".status.version"],
  ["Revision", ".status.revision"],
  ["Error", ".status.error"],
] as const;

export function chartCrd(): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "charts.helm.k0sproject.io" },
    spec: {
      group: "helm.k0sproject.io",
      names: { kind: "Chart", listKind: "ChartList", plural: "charts", singular: "chart" },
      scope: "Namespaced",
      versions: [
        {
          name: "v1beta1",
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns.map(([name, jsonPath]) => ({
            name,
            jsonPath,
            type: name === "Revision" ? "integer" : "string",
          })),
          schema: {
            openAPIV3Schema: object({
              apiVersion: text,
              kind: text,
              metadata: { type: "object" },
              spec,
              status,
            }),
          },
        },
      ],
    },
  };
}
