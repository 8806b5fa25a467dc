// Patches of generated manifests. Upstream: pkg/apis/k0s/v1beta1/patches.go.

import * as z from "zod";
import { filledText } from "./fields.ts";

export const patchesSchema = () =>
  z
    .array(
      z.strictObject({
        target: z.strictObject({
          kind: filledText().describe("Kind of the object to change."),
          name: filledText().describe("Its name."),
          namespace: filledText().optional().describe("Its namespace."),
        }),
        patch: z.strictObject({
          type: z.enum(["JSON", "MergePatch", "StrategicMergePatch"]).describe("How the content is meant."),
          content: filledText().describe("The patch, as YAML or JSON."),
        }),
      }),
    )
    .default([]);
