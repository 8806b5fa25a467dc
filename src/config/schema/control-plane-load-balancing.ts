// spec.network.controlPlaneLoadBalancing (Keepalived). Reference §2.5, §12.6.

import { z } from "zod";
import { tryParseDuration } from "../../std/duration.ts";
import { cidr, checkedText, ipAddress, port, section } from "./fields.ts";

const vrrpInstanceSchema = () =>
  z.strictObject({
    virtualIPs: z.array(cidr()).min(1),
    interface: z.string().optional().describe("Name or MAC address; default: that of the default route."),
    virtualRouterID: z
      .int()
      .min(1)
      .max(255)
      .optional()
      .describe("Default: 51 plus the index of the instance."),
    advertIntervalSeconds: z.int().min(1).default(1),
    authPass: checkedText(isAuthPass, "must have 1 to 8 characters"),
    unicastPeers: z.array(ipAddress()).default([]),
    unicastSourceIP: ipAddress().optional(),
    addressLabel: z.int().min(0).max(0xffff_fffe).default(10_000),
  });

const virtualServerSchema = () =>
  z.strictObject({
    ipAddress: ipAddress(),
    delayLoop: checkedText(
      (text) => (tryParseDuration(text) ?? 0) >= 0.001,
      "is not a duration of at least 1us",
    ).default("1m0s"),
    lbAlgo: z.enum(["rr", "wrr", "lc", "wlc", "lblc", "dh", "sh", "sed", "nq"]).default("rr"),
    lbKind: z.enum(["NAT", "DR", "TUN"]).default("DR"),
    persistenceTimeoutSeconds: z.int().min(1).max(2_678_400).default(360),
  });

export const controlPlaneLoadBalancingSchema = () =>
  section({
    enabled: z.boolean().default(false),
    type: z.enum(["Keepalived"]).default("Keepalived"),
    keepalived: section({
      vrrpInstances: z.array(vrrpInstanceSchema()).default([]),
      virtualServers: z.array(virtualServerSchema()).default([]),
      userSpaceProxyBindPort: port().default(6444),
      disableLoadBalancer: z.boolean().default(false),
      configTemplateVRRP: z.string().optional(),
      configTemplateVS: z.string().optional(),
    }),
  });

function isAuthPass(text: string): boolean {
  return text.length >= 1 && text.length <= 8;
}
