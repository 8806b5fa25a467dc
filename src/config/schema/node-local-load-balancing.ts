// spec.network.nodeLocalLoadBalancing. Reference §2.5, §12.3.

import { z } from "zod";
import { port, pullPolicy, section } from "./fields.ts";
import { optionalImageSchema } from "./images.ts";

const proxySchema = () =>
  section({
    image: optionalImageSchema(),
    imagePullPolicy: pullPolicy().optional(),
    apiServerBindPort: port().default(7443),
    konnectivityServerBindPort: port().default(7132),
  });

export const nodeLocalLoadBalancingSchema = () =>
  section({
    enabled: z.boolean().default(false),
    type: z.enum(["EnvoyProxy", "Traefik"]).default("EnvoyProxy"),
    envoyProxy: proxySchema(),
    traefik: proxySchema(),
  });
