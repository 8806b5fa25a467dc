// spec.network.kubeProxy. Without a mode each node takes nftables if its kernel has it, else iptables.
// Upstream: pkg/apis/k0s/v1beta1/kubeproxy.go.

import * as z from "zod";
import { cidr, duration, extraArgs, hostPort, rawArgs, section } from "./fields.ts";
import { patchesSchema } from "./patches.ts";

const zeroDuration = () => duration().default("0s");
const masqueradeBit = () => z.int().min(0).max(31).optional();

export const kubeProxySchema = () =>
  section({
    disabled: z.boolean().default(false).describe("For networks that route services themselves."),
    mode: z
      .enum(["iptables", "ipvs", "userspace", "nftables"])
      .optional()
      .describe("Without it each node takes nftables if its kernel has it, else iptables."),
    metricsBindAddress: hostPort().default("0.0.0.0:10249").describe("Where it serves metrics."),
    healthzBindAddress: hostPort().default("0.0.0.0:10256").describe("Where it says whether it is well."),
    iptables: section({
      masqueradeBit: masqueradeBit().describe(
        "Bit of the mark on packets that get the address of the node; default 14.",
      ),
      masqueradeAll: z.boolean().optional().describe("Service traffic always gets the address of the node."),
      localhostNodePorts: z.boolean().optional().describe("NodePorts answer on 127.0.0.1, too."),
      syncPeriod: zeroDuration().describe(
        "Longest time between two looks at all rules; 0s: the default of kube-proxy.",
      ),
      minSyncPeriod: zeroDuration().describe(
        "Shortest time between two changes of the rules; 0s: the default of kube-proxy.",
      ),
    }),
    ipvs: section({
      syncPeriod: zeroDuration().describe(
        "Longest time between two looks at all rules; 0s: the default of kube-proxy.",
      ),
      minSyncPeriod: zeroDuration().describe(
        "Shortest time between two changes of the rules; 0s: the default of kube-proxy.",
      ),
      scheduler: z.string().optional().describe("How the kernel chooses a pod, like rr or lc; default rr."),
      excludeCIDRs: z
        .array(cidr())
        .optional()
        .describe("Networks whose virtual servers kube-proxy leaves alone."),
      strictARP: z
        .boolean()
        .optional()
        .describe("Only the interface that has an address answers for it, as load balancers by ARP need."),
      tcpTimeout: zeroDuration().describe("Of idle TCP connections; 0s: what the kernel has."),
      tcpFinTimeout: zeroDuration().describe("Of TCP connections after a FIN; 0s: what the kernel has."),
      udpTimeout: zeroDuration().describe("Of UDP packets of one flow; 0s: what the kernel has."),
    }),
    nftables: section({
      masqueradeBit: masqueradeBit().describe(
        "Bit of the mark on packets that get the address of the node; default 14.",
      ),
      masqueradeAll: z.boolean().optional().describe("Service traffic always gets the address of the node."),
      syncPeriod: zeroDuration().describe(
        "Longest time between two looks at all rules; 0s: the default of kube-proxy.",
      ),
      minSyncPeriod: zeroDuration().describe(
        "Shortest time between two changes of the rules; 0s: the default of kube-proxy.",
      ),
    }),
    nodePortAddresses: z
      .array(z.string())
      .default([])
      .describe("Networks on which NodePorts answer, or `primary`."),
    extraArgs: extraArgs(),
    rawArgs: rawArgs(),
    patches: patchesSchema(),
  });
