import type { KubeResource } from "../types.ts";

export interface Endpoints extends KubeResource {
  readonly subsets?: readonly {
    readonly addresses?: readonly { readonly ip: string }[];
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
  }[];
}

/** Where the API servers are reached. */
export const apiEndpoints = {
  apiVersion: "v1",
  kind: "Endpoints",
  namespace: "default",
  name: "kubernetes",
} as const;

export interface EndpointSlice extends KubeResource {
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[];
  readonly ports?: readonly { readonly port?: number }[];
}
