import { nodeLocalDnsAddress } from "../../config/derived.ts";
import type { ControllerFacts } from "../controller-facts.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

const nodeLocalDns = "node-local-dns";
/** Of the cache on each node. */
export const nodeLocalDnsHealthPort = 9254;

const hasCache = ({ config }: ControllerFacts): boolean => config.spec.network.nodeLocalDNS.enabled;

export const corednsDeclaration = {
  name: "coredns",
  make: async (node) => (await import("./component.ts")).corednsComponent(node),
  disableable: true,
  stacks: ["coredns"] as const,
  images: () => ["coredns"],
  workloads: [{ name: "coredns" }, { name: nodeLocalDns, when: hasCache }],
  laterPorts: (config) => {
    const address = nodeLocalDnsAddress(config);
    if (address === undefined) return [];
    const setting = ["spec", "network", "nodeLocalDNS", "address"];
    return [
      { port: 53, address, process: nodeLocalDns, setting },
      { port: nodeLocalDnsHealthPort, address, process: nodeLocalDns, setting },
    ];
  },
  follows: {
    "network.coreDNS": "apply",
    "network.nodeLocalDNS": "apply",
    "images.coredns": "apply",
    "images.repository": "apply",
    "images.default_pull_policy": "apply",
  },
} satisfies ControllerDeclaration;
