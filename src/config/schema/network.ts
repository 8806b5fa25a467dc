// spec.network. All provider sections are always filled; `provider` says which one is in use.
// Upstream: pkg/apis/k0s/v1beta1/network.go.

import * as z from "zod";
import { calicoSchema } from "./calico.ts";
import { controlPlaneLoadBalancingSchema } from "./control-plane-load-balancing.ts";
import { checkedText, cidr, section } from "./fields.ts";
import { kubeProxySchema } from "./kube-proxy.ts";
import { kubeRouterSchema } from "./kube-router.ts";
import { isDnsName } from "./names.ts";
import { nodeLocalDnsSchema } from "./node-local-dns.ts";
import { nodeLocalLoadBalancingSchema } from "./node-local-load-balancing.ts";
import { patchesSchema } from "./patches.ts";

export const networkSchema = () =>
  section({
    provider: z
      .enum(["calico", "kuberouter", "custom"])
      .default("calico")
      .describe("Cannot be changed later."),
    podCIDR: cidr().default("10.244.0.0/16").describe("Addresses of pods."),
    serviceCIDR: cidr()
      .default("10.96.0.0/12")
      .describe("Addresses of services; must not overlap those of pods."),
    clusterDomain: checkedText(isDnsName, "is not a DNS name")
      .default("cluster.local")
      .describe("Domain of the cluster's DNS names."),
    primaryAddressFamily: z
      .enum(["IPv4", "IPv6"])
      .optional()
      .describe("Family of the first address of pods and services."),
    dualStack: section({
      enabled: z
        .boolean()
        .default(false)
        .describe("Pods and services have an address of each family: docs/dual-stack.md."),
      IPv6podCIDR: cidr().optional().describe("IPv6 addresses of pods."),
      IPv6serviceCIDR: cidr().optional().describe("IPv6 addresses of services."),
    }),
    kubeProxy: kubeProxySchema(),
    kuberouter: kubeRouterSchema(),
    calico: calicoSchema(),
    coreDNS: section({ patches: patchesSchema() }),
    nodeLocalDNS: nodeLocalDnsSchema(),
    nodeLocalLoadBalancing: nodeLocalLoadBalancingSchema(),
    controlPlaneLoadBalancing: controlPlaneLoadBalancingSchema(),
  });
