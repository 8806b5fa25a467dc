// spec.network.calico. Upstream: pkg/apis/k0s/v1beta1/calico.go.

import * as z from "zod";
import { port, section } from "./fields.ts";
import { patchesSchema } from "./patches.ts";

export const calicoSchema = () =>
  section({
    mode: z
      .enum(["vxlan", "bird", "ipip"])
      .default("vxlan")
      .describe("bird and ipip need a BGP daemon that k0s does not have."),
    vxlanPort: port().default(4789).describe("UDP port between nodes."),
    vxlanVNI: z.int().min(1).max(16_777_215).default(4096).describe("Number of the VXLAN network."),
    mtu: z
      .int()
      .min(0)
      .max(65_535)
      .default(1450)
      .describe("Of the pods' interfaces; 0 lets Calico find it out."),
    overlay: z
      .enum(["Always", "Never", "CrossSubnet"])
      .default("Always")
      .describe("When packets between nodes are encapsulated; Never needs BGP."),
    wireguard: z
      .boolean()
      .default(false)
      .describe("Encrypts what pods of different nodes say; each node needs the kernel module wireguard."),
    flexVolumeDriverPath: z
      .string()
      .optional()
      .describe("Nothing comes of it, as upstream: Calico has no FlexVolume driver any more."),
    ipAutodetectionMethod: z.string().optional().describe("How Calico finds the node's address."),
    ipV6AutodetectionMethod: z.string().optional().describe("How Calico finds the node's IPv6 address."),
    envVars: z
      .record(z.string(), z.string())
      .default({})
      .describe("Environment of calico-node, wins over ours."),
    patches: patchesSchema(),
  });
