// spec.network.nodeLocalDNS: a cache of names on each node. Upstream k0s has no such field.

import * as z from "zod";
import { nodeAddress, section } from "./fields.ts";

export const nodeLocalDnsSchema = () =>
  section({
    enabled: z
      .boolean()
      .default(false)
      .describe("Pods ask a cache on their own node first: docs/networks.md."),
    address: nodeAddress()
      .optional()
      .describe("Of the cache, the same on every node; default 169.254.20.10, with IPv6 first fd53::53."),
  });
