// spec.network.calico. Reference §2.5.

import { z } from "zod";
import { port, section } from "./fields.ts";
import { patchesSchema } from "./patches.ts";

export const calicoSchema = () =>
  section({
    mode: z.enum(["vxlan", "bird", "ipip"]).default("vxlan"),
    vxlanPort: port().default(4789),
    vxlanVNI: z.int().min(1).max(16_777_215).default(4096),
    mtu: z.int().min(0).max(65_535).default(1450),
    overlay: z.enum(["Always", "Never", "CrossSubnet"]).default("Always"),
    wireguard: z.boolean().default(false),
    flexVolumeDriverPath: z.string().optional().describe("Kept for compatibility, has no effect."),
    ipAutodetectionMethod: z.string().optional(),
    ipV6AutodetectionMethod: z.string().optional(),
    envVars: z
      .record(z.string(), z.string())
      .default({})
      .describe("Environment of calico-node, wins over ours."),
    patches: patchesSchema(),
  });
