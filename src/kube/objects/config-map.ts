import type { KubeResource } from "../types.ts";

export const configMapKind = { apiVersion: "v1", kind: "ConfigMap" } as const;

export interface ConfigMap extends KubeResource {
  readonly data?: Readonly<Record<string, string>>;
}
