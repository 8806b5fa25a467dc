// spec.extensions: Helm repositories and charts. Upstream: pkg/apis/k0s/v1beta1/extensions.go.

import * as z from "zod";
import { checkedText, filledText, section } from "./fields.ts";
import { isDnsLabel, isObjectName, isReleaseName } from "./names.ts";
import { tryParseDuration } from "../../std/duration.ts";

const objectName = () => checkedText(isObjectName, "is not the name of an object (lower-case DNS name)");

const repositorySchema = () =>
  z.strictObject({
    name: filledText().describe("Charts of it are called `<name>/<chart>`."),
    url: filledText().describe("`https://…`, or `oci://host:port` of a registry, without a path."),
    insecure: z.boolean().optional().describe("Do not check certificates of the repository."),
    plainHTTP: z.boolean().optional().describe("Ask a registry (`oci://`) over HTTP, without TLS."),
    caFile: z
      .string()
      .optional()
      .describe("Certificates of authorities to trust, a path on the controllers."),
    certFile: z.string().optional().describe("Client certificate, a path on the controllers."),
    keyfile: z.string().optional().describe("Its key, a path on the controllers."),
    username: z.string().optional().describe("User name."),
    password: z.string().optional().describe("Password; k0s puts both into a Secret."),
    configFrom: z
      .strictObject({
        secretRef: z.strictObject({
          name: objectName().describe("Name of the Secret."),
          namespace: checkedText(isDnsLabel, "is not the name of a namespace")
            .optional()
            .describe("Its namespace; without it `kube-system`."),
        }),
      })
      .optional()
      .describe(
        "A Secret of the cluster with user, password and certificates, in place of the fields above: [helm.md](helm.md#charts-as-objects).",
      ),
  });

const timeout = () =>
  z
    .union([z.string(), z.int()])
    .refine((value) => typeof value === "number" || tryParseDuration(value) !== undefined, {
      error: (issue) =>
        `${JSON.stringify(issue.input)} is neither a duration like 10m nor a number of nanoseconds`,
    });

const chartSchema = () =>
  z.strictObject({
    name: checkedText(
      isReleaseName,
      "is not a release name (lower-case DNS name, at most 53 characters)",
    ).describe("Name of the release."),
    chartname: filledText().describe(
      "`<repository>/<chart>`, `oci://registry/path/chart`, or the path of an archive on the controllers.",
    ),
    version: z.string().optional().describe("A version or a range; without it the newest one."),
    values: z.string().optional().describe("Values of the chart: a string that holds YAML."),
    valuesFrom: z
      .array(
        z.strictObject({
          kind: z.enum(["ConfigMap", "Secret"]).describe("What the object is."),
          name: objectName().describe("Of an object in `kube-system`."),
          key: filledText().optional().describe("Of its data; without it `values.yaml`."),
          optional: z.boolean().optional().describe("`true`: one that is not there is passed over."),
        }),
      )
      .optional()
      .describe(
        "ConfigMaps and Secrets that hold values; a later one wins over an earlier one, `values` over all.",
      ),
    namespace: filledText().describe("Namespace of the release; made if it is missing."),
    timeout: timeout()
      .optional()
      .describe("How long to wait for one thing; a number is in nanoseconds. Without it 10 minutes."),
    forceUpgrade: z.boolean().optional().describe("`false`: upgrades do not replace objects by force."),
    order: z.int().optional().describe("Charts with lower numbers are installed first; without it 0."),
  });

export const extensionsSchema = () =>
  section({
    helm: section({
      concurrencyLevel: z
        .int()
        .min(0)
        .default(5)
        .describe("How many charts are worked on at a time; at least one."),
      repositories: z.array(repositorySchema()).default([]),
      charts: z.array(chartSchema()).default([]),
    }),
    storage: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("Deprecated; only type `external_storage`, which brings none, is accepted."),
  });
