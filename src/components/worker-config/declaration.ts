import { k0sVersion } from "../../product/versions.ts";
import { clusterConfigRead } from "../cluster-config/declaration.ts";
import type { ControllerDeclaration } from "../node-facts.ts";
import type { Declaration } from "../../supervisor/declaration.ts";

/** What a node follows of its cluster. */
export const workerConfigDeclaration = {
  name: "worker-settings",
  dataEntries: ["worker-profile.yaml"],
} satisfies Declaration;

/** What a controller publishes for them. */
export const workerConfigPublisherDeclaration = {
  name: "worker-config",
  follows: {
    workerProfiles: "publish",
    featureGates: "publish",
    "konnectivity.agentPort": "publish",
    "images.pause": "publish",
    "images.windows.pause": "publish",
    "images.repository": "publish",
    "network.calico.wireguard": "publish",
    "network.kubeProxy": "publish",
    "network.nodeLocalDNS": "publish",
    "network.nodeLocalLoadBalancing": "publish",
  },
  make: async (node) => {
    const { workerConfigReconciler } = await import("./publish.ts");
    const { config, client, leaseClient, konnectivity, log } = node;
    // Where there can be only one it is the same after a kill, and has not to wait until its own lease runs out.
    const holder = node.alone ? { identity: `single-controller-${node.name}` } : node.holder;
    return workerConfigReconciler({
      config,
      client,
      leaseClient,
      holder,
      konnectivity,
      autopilot: false,
      k0sVersion,
      after: clusterConfigRead(node),
      log,
    });
  },
} satisfies ControllerDeclaration;
