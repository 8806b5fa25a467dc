// spec.network.nodeLocalLoadBalancing. Upstream: pkg/apis/k0s/v1beta1/nllb.go.

import * as z from "zod";
import { port, pullPolicy, section } from "./fields.ts";
import { optionalImageSchema } from "./images.ts";

const proxySchema = () =>
  section({
    image: optionalImageSchema(),
    imagePullPolicy: pullPolicy().optional().describe("No effect, with a warning: there is no pod."),
    apiServerBindPort: port().default(7443).describe("Port on 127.0.0.1 of each worker."),
    konnectivityServerBindPort: port()
      .default(7132)
      .describe("Port on 127.0.0.1 of each worker for the tunnel of konnectivity."),
  });

export const nodeLocalLoadBalancingSchema = () =>
  section({
    enabled: z
      .boolean()
      .default(false)
      .describe("Workers spread their requests over all controllers: docs/load-balancing.md."),
    type: z
      .enum(["EnvoyProxy", "Traefik"])
      .default("EnvoyProxy")
      .describe("k0s itself balances; this only chooses which section holds the ports."),
    envoyProxy: proxySchema(),
    traefik: proxySchema(),
  });
