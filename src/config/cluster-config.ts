// The ClusterConfig document: one schema from which the type, the defaults, the checks and the exports come.
// Upstream: pkg/apis/k0s/v1beta1/clusterconfig_types.go.

import * as z from "zod";
import { clusterConfigApiVersion, clusterConfigKind } from "./api-version.ts";
import { apiSchema } from "./schema/api.ts";
import {
  componentArgsSchema,
  installConfigSchema,
  konnectivitySchema,
  telemetrySchema,
} from "./schema/control-plane.ts";
import { extensionsSchema } from "./schema/extensions.ts";
import { featureGatesSchema } from "./schema/feature-gates.ts";
import { section } from "./schema/fields.ts";
import { imagesSchema } from "./schema/images.ts";
import { metadataSchema } from "./schema/metadata.ts";
import { networkSchema } from "./schema/network.ts";
import type { NodeDefaults } from "./schema/node-defaults.ts";
import { patchesSchema } from "./schema/patches.ts";
import { hardeningSchema, securitySchema } from "./schema/security.ts";
import { storageSchema } from "./schema/storage.ts";
import { workerProfilesSchema } from "./schema/worker-profiles.ts";

export const clusterSpecSchema = (defaults: NodeDefaults) =>
  section({
    api: apiSchema(defaults),
    controllerManager: componentArgsSchema(),
    scheduler: componentArgsSchema(),
    storage: storageSchema(defaults),
    network: networkSchema(),
    images: imagesSchema(),
    workerProfiles: workerProfilesSchema(),
    telemetry: telemetrySchema(),
    installConfig: installConfigSchema(),
    konnectivity: konnectivitySchema(),
    featureGates: featureGatesSchema(),
    extensions: extensionsSchema(),
    metricsServer: section({ patches: patchesSchema() }),
    hardening: hardeningSchema(),
    security: securitySchema(),
  });

export const clusterConfigSchema = (defaults: NodeDefaults) =>
  z.strictObject({
    apiVersion: z.literal(clusterConfigApiVersion).default(clusterConfigApiVersion),
    kind: z.literal(clusterConfigKind).default(clusterConfigKind),
    metadata: metadataSchema(),
    spec: clusterSpecSchema(defaults),
    status: z.record(z.string(), z.unknown()).optional(),
  });

/** A complete configuration: every section is there, defaults filled in. */
export type ClusterConfig = z.output<ReturnType<typeof clusterConfigSchema>>;

/** The defaults of a node, as a configuration of its own. */
export function configDefaultsFor(defaults: NodeDefaults): ClusterConfig {
  return clusterConfigSchema(defaults).parse({});
}
