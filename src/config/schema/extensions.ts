// spec.extensions: Helm repositories and charts. Upstream: pkg/apis/k0s/v1beta1/extensions.go.

import { z } from "zod";
import { checkedText, filledText, section } from "./fields.ts";
import { isReleaseName } from "./names.ts";
import { tryParseDuration } from "../../std/duration.ts";

const repositorySchema = () =>
  z.strictObject({
    name: filledText().describe("Helm does not work in this release."),
    url: filledText().describe("Helm does not work in this release."),
    insecure: z.boolean().optional().describe("Helm does not work in this release."),
    caFile: z.string().optional().describe("Helm does not work in this release."),
    certFile: z.string().optional().describe("Helm does not work in this release."),
    keyfile: z.string().optional().describe("Helm does not work in this release."),
    username: z.string().optional().describe("Helm does not work in this release."),
    password: z.string().optional().describe("Helm does not work in this release."),
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
    ).describe("Helm does not work in this release."),
    chartname: filledText().describe("Helm does not work in this release."),
    version: z.string().optional().describe("Helm does not work in this release."),
    values: z.string().optional().describe("Values of the chart: a string that holds YAML."),
    namespace: filledText().describe("Helm does not work in this release."),
    timeout: timeout().optional().describe("Helm does not work in this release."),
    forceUpgrade: z.boolean().optional().describe("Helm does not work in this release."),
    order: z.int().optional().describe("Has no effect."),
  });

export const extensionsSchema = () =>
  section({
    helm: section({
      concurrencyLevel: z.int().min(0).default(5).describe("Has no effect."),
      repositories: z.array(repositorySchema()).default([]),
      charts: z.array(chartSchema()).default([]),
    }),
    storage: z.record(z.string(), z.unknown()).optional().describe("Deprecated, has no effect."),
  });
