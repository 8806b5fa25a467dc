// Patches of generated manifests. Reference §2.8.

import { z } from "zod";
import { filledText } from "./fields.ts";

export const patchesSchema = () =>
  z
    .array(
      z.strictObject({
        target: z.strictObject({
          kind: filledText(),
          name: filledText(),
          namespace: filledText().optional(),
        }),
        patch: z.strictObject({
          type: z.enum(["JSON", "MergePatch", "StrategicMergePatch"]),
          content: filledText().describe("The patch, as YAML or JSON."),
        }),
      }),
    )
    .default([]);
