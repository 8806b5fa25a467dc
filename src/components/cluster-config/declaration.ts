import type { Dependency } from "../../supervisor/component.ts";
import type { ControllerDeclaration, ControllerNode } from "../node-facts.ts";

/** In the data directory. */
export const cacheName = "cluster-config.yaml";
export const takenBackName = "cluster-config-taken-back.json";

/** Keeps the configuration of the cluster in the cluster, with `--enable-dynamic-config`; made beside the list, since it is for all of it. */
export const clusterConfigDeclaration = {
  name: "cluster-config",
  dataEntries: [cacheName, takenBackName],
} satisfies ControllerDeclaration;

/** What those wait for that must not do anything by a configuration that is not the cluster's. */
export function clusterConfigRead({
  dynamicConfig = false,
}: Partial<Pick<ControllerNode, "dynamicConfig">>): readonly Dependency[] {
  return dynamicConfig ? [clusterConfigDeclaration] : [];
}
