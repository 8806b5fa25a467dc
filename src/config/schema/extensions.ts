// spec.extensions: Helm repositories and charts. Reference §2.7, §10.4.

import { z } from "zod";
import { checkedText, filledText, section } from "./fields.ts";
import { isReleaseName } from "./names.ts";
import { tryParseDuration } from "../../std/duration.ts";

const repositorySchema = () =>
  z.strictObject({
    name: filledText(),
    url: filledText(),
    insecure: z.boolean().optional(),
    caFile: z.string().optional(),
    certFile: z.string().optional(),
    keyfile: z.string().optional(),
    username: z.string().optional(),
    password: z.string().optional(),
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
    name: checkedText(isReleaseName, "is not a release name (lower-case DNS name, at most 53 characters)"),
    chartname: filledText(),
    version: z.string().optional(),
    values: z.string().optional().describe("Values of the chart: a string that holds YAML."),
    namespace: filledText(),
    timeout: timeout().optional(),
    forceUpgrade: z.boolean().optional(),
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
