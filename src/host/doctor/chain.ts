// The chain, in its order.

import type { Link } from "./link.ts";
import { apiLink } from "./links/api.ts";
import { certificatesLink } from "./links/certificates.ts";
import { cniLink } from "./links/cni.ts";
import { datastoreLink } from "./links/datastore.ts";
import { dnsLink } from "./links/dns.ts";
import { hostLink } from "./links/host.ts";
import { nodeLink } from "./links/node.ts";
import { portsLink } from "./links/ports.ts";
import { processesLink } from "./links/processes.ts";
import { systemPodsLink } from "./links/system-pods.ts";
import { tunnelLink } from "./links/tunnel.ts";

export const chain: readonly Link[] = [
  hostLink,
  processesLink,
  portsLink,
  certificatesLink,
  datastoreLink,
  apiLink,
  tunnelLink,
  nodeLink,
  cniLink,
  dnsLink,
  systemPodsLink,
];
