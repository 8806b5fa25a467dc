// docs/configuration.md from the schema of the configuration: every field with its default and what it takes.

import { clusterNetworkFields, clusterSections } from "../../src/config/changing-fields.ts";
import { clusterConfigJsonSchema } from "../../src/config/export-schema.ts";
import { nodeNetworkFields, nodeSections } from "../../src/config/fixed-fields.ts";

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

/** What a page cannot show better than its own documentation does. */
const elsewhere: Readonly<Record<string, string>> = {
  "spec.workerProfiles[].values":
    "Fields of kubelet's [KubeletConfiguration](https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/); those that k0s sets itself are refused.",
};

const intro = `# Configuration

\`k0s controller --config k0s.yaml\` (default: \`/etc/k0s/k0s.yaml\`, which need not exist). Every field has a default; \`k0s config create\` prints all of them, \`k0s config validate --config k0s.yaml\` names every mistake with its line. Unknown fields are errors, and so is what this release does not do yet: \`config validate\` and the start list both kinds together.

\`\`\`yaml
apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
metadata:
  name: k0s
spec:
  network:
    podCIDR: 10.200.0.0/16
\`\`\`

This page is made from the schema (\`UPDATE_GOLDEN=1 bun test build/docs\`). Where no default is shown, the field is absent, or its value is found out on the host or comes with the release. Durations are written like \`1m30s\`.
`;

export function configurationPage(): string {
  const { spec } = (clusterConfigJsonSchema() as Schema).properties ?? {};
  if (spec?.properties === undefined) throw new Error("the schema has no spec");
  const sections = Object.entries(spec.properties).map(([name, schema]) => {
    const rows = rowsOf(`spec.${name}`, schema);
    return `## spec.${name}\n\n| field | takes | default | |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
  });
  return [intro, ...sections, whatCanChange(spec.properties)].join("\n");
}

const changes = `## What can change

k0s reads k0s.yaml when it starts, so with this release every change counts from the next start of a controller. The table says what may change in a cluster that runs, and what a change does; what stays as it is, and why. Fields that may change are the same for the whole cluster: keep them alike in the files of all controllers.

| field | may change | |
| --- | --- | --- |
`;

/** Every section of spec, and every field of spec.network, in the order of the page. */
function whatCanChange(sections: NonNullable<Schema["properties"]>): string {
  const rows = Object.entries(sections).flatMap(([name, { properties = {} }]) =>
    name === "network"
      ? Object.keys(properties).map((field) =>
          changeRow(`spec.network.${field}`, field, nodeNetworkFields, clusterNetworkFields),
        )
      : [changeRow(`spec.${name}`, name, nodeSections, clusterSections)],
  );
  return `${changes}${rows.join("\n")}\n`;
}

type Reasons = Readonly<Record<string, string>>;

function changeRow(path: string, field: string, fixed: Reasons, changing: Reasons): string {
  const effect = changing[field];
  return `| ${code(path)} | ${effect === undefined ? "no" : "yes"} | ${effect ?? fixed[field]} |`;
}

function rowsOf(path: string, schema: Schema): readonly string[] {
  const told = elsewhere[path];
  if (told !== undefined) return [row(path, "mapping", schema, told)];
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([name, child]) => rowsOf(`${path}.${name}`, child));
  if (schema.items?.properties !== undefined) return rowsOf(`${path}[]`, schema.items);
  return [row(path, kindOf(schema), schema, schema.description ?? "")];
}

function row(path: string, kind: string, schema: Schema, text: string): string {
  const value = schema.default === undefined ? "" : code(JSON.stringify(schema.default));
  return `| ${code(path.replace(/^spec\./, ""))} | ${kind} | ${value} | ${text} |`;
}

function kindOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(", ");
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.anyOf !== undefined) return schema.anyOf.map(kindOf).join(" or ");
  if (schema.type === "array")
    return `list of ${schema.items === undefined ? "anything" : kindOf(schema.items)}`;
  if (schema.type === "object") return "mapping";
  if (schema.type === "integer" || schema.type === "number") return numberKind(schema);
  return schema.type === "boolean" ? "`true`, `false`" : (schema.type ?? "anything");
}

function numberKind({ type = "", minimum, maximum }: Schema): string {
  const far = (bound: number | undefined): boolean => bound === undefined || Math.abs(bound) > 2 ** 31;
  if (far(minimum) && far(maximum)) return type;
  if (far(maximum)) return `${type}, at least ${minimum}`;
  return far(minimum) ? `${type}, at most ${maximum}` : `${type}, ${minimum} to ${maximum}`;
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}
