// spec.workerProfiles: named fragments of KubeletConfiguration. Upstream: pkg/apis/k0s/v1beta1/workerprofile.go.

import * as z from "zod";
import { checkedText } from "./fields.ts";
import { isDnsLabel } from "./names.ts";

export const workerProfilesSchema = () =>
  z
    .array(
      z.strictObject({
        name: checkedText(
          isDnsLabel,
          "is not a DNS label (lower-case letters, digits and dashes, at most 63)",
        ).describe("What `k0s worker --profile` asks for; `default` is for those that ask for none."),
        values: z.record(z.string(), z.unknown()).default({}).describe("Fragment of KubeletConfiguration."),
      }),
    )
    .default([]);
