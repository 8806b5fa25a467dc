// spec.featureGates: Kubernetes' gates and the components that get them.
// Upstream: pkg/apis/k0s/v1beta1/feature_gates.go.

import * as z from "zod";
import { checkedText } from "./fields.ts";

export const gatedComponents = [
  "kube-apiserver",
  "kube-controller-manager",
  "kubelet",
  "kube-scheduler",
  "kube-proxy",
] as const;

export const featureGatesSchema = () =>
  z
    .array(
      z.strictObject({
        name: checkedText(
          (text) => /^[A-Za-z0-9]+$/.test(text),
          "is not the name of a feature gate",
        ).describe("Name of the gate, as Kubernetes has it."),
        enabled: z.boolean().describe("Whether it is on."),
        components: z
          .array(z.enum(gatedComponents))
          .default([...gatedComponents])
          .describe("Who is told."),
      }),
    )
    .default([]);
