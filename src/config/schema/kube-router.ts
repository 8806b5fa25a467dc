// spec.network.kuberouter. Upstream: pkg/apis/k0s/v1beta1/kuberouter.go.

import * as z from "zod";
import { extraArgs, rawArgs, section } from "./fields.ts";
import { patchesSchema } from "./patches.ts";

export const kubeRouterSchema = () =>
  section({
    autoMTU: z.boolean().default(true).describe("kube-router finds out the MTU of the pods' interfaces."),
    mtu: z.int().min(0).max(65_535).default(0).describe("Used when autoMTU is false; a warning when not."),
    metricsPort: z.int().min(0).max(65_535).default(8080).describe("0 turns the metrics off."),
    hairpin: z
      .enum(["Enabled", "Allowed", "Disabled"])
      .default("Enabled")
      .describe("Whether a pod reaches itself through its own service: always, if it asks for that, never."),
    hairpinMode: z
      .boolean()
      .optional()
      .describe("Deprecated, without effect; a warning where it contradicts hairpin."),
    ipMasq: z
      .boolean()
      .default(false)
      .describe("Traffic that leaves the cluster gets the address of the node."),
    peerRouterASNs: z.string().optional().describe("Deprecated; use extraArgs."),
    peerRouterIPs: z.string().optional().describe("Deprecated; use extraArgs."),
    extraArgs: extraArgs(),
    rawArgs: rawArgs(),
    patches: patchesSchema(),
  });
