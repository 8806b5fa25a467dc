// spec.network.controlPlaneLoadBalancing (Keepalived). Upstream: pkg/apis/k0s/v1beta1/cplb.go.

import * as z from "zod";
import { tryParseDuration } from "../../std/duration.ts";
import { cidr, checkedText, ipAddress, port, section } from "./fields.ts";

const vrrpInstanceSchema = () =>
  z.strictObject({
    virtualIPs: z.array(cidr()).min(1).describe("IPv4 addresses with their prefix."),
    interface: z.string().optional().describe("Name or MAC address; default: that of the default route."),
    virtualRouterID: z
      .int()
      .min(1)
      .max(255)
      .optional()
      .describe("Default: 51 plus the index of the instance."),
    advertIntervalSeconds: z
      .int()
      .min(1)
      .default(1)
      .describe(
        "Time between two signs of life; another controller takes over after three that are missing.",
      ),
    authPass: checkedText(isAuthPass, "must have 1 to 8 characters").describe(
      "Keeps two clusters on one link apart; it travels in plain text.",
    ),
    unicastPeers: z
      .array(ipAddress())
      .default([])
      .describe("The other controllers, where the network passes no multicast."),
    unicastSourceIP: ipAddress().optional().describe("This controller's address towards them."),
    addressLabel: z
      .int()
      .min(0)
      .max(0xffff_fffe)
      .default(10_000)
      .describe("No effect, with a warning for another value: k0s sets the address itself, without a label."),
  });

const virtualServerSchema = () =>
  z.strictObject({
    ipAddress: ipAddress().describe(
      "Of virtual servers, which k0s has not: its own balancer is behind the address.",
    ),
    delayLoop: checkedText(
      (text) => (tryParseDuration(text) ?? 0) >= 0.001,
      "is not a duration of at least 1us",
    )
      .default("1m0s")
      .describe("Of virtual servers, which k0s has not: its own balancer is behind the address."),
    lbAlgo: z
      .enum(["rr", "wrr", "lc", "wlc", "lblc", "dh", "sh", "sed", "nq"])
      .default("rr")
      .describe("Of virtual servers, which k0s has not: its own balancer is behind the address."),
    lbKind: z
      .enum(["NAT", "DR", "TUN"])
      .default("DR")
      .describe("Of virtual servers, which k0s has not: its own balancer is behind the address."),
    persistenceTimeoutSeconds: z
      .int()
      .min(1)
      .max(2_678_400)
      .default(360)
      .describe("Of virtual servers, which k0s has not: its own balancer is behind the address."),
  });

export const controlPlaneLoadBalancingSchema = () =>
  section({
    enabled: z
      .boolean()
      .default(false)
      .describe("The control plane has an address of its own: docs/cplb.md."),
    type: z
      .enum(["Keepalived"])
      .default("Keepalived")
      .describe("The only one; k0s itself does what keepalived would do."),
    keepalived: section({
      vrrpInstances: z.array(vrrpInstanceSchema()).default([]),
      virtualServers: z.array(virtualServerSchema()).default([]),
      userSpaceProxyBindPort: port()
        .default(6444)
        .describe("Port on each controller of the balancer behind the address."),
      disableLoadBalancer: z
        .boolean()
        .default(false)
        .describe("The address without the balancer: its holder answers."),
      configTemplateVRRP: z.string().optional().describe("There is no keepalived that would read it."),
      configTemplateVS: z.string().optional().describe("There is no keepalived that would read it."),
    }),
  });

function isAuthPass(text: string): boolean {
  return text.length >= 1 && text.length <= 8;
}
