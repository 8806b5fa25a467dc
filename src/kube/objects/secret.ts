import type { KubeResource } from "../types.ts";

export const secretKind = { apiVersion: "v1", kind: "Secret" } as const;

export interface Secret extends KubeResource {
  readonly type?: string;
  /** Values in base64, as the API server gives them. */
  readonly data?: Readonly<Record<string, string>>;
  /** Plain values; only ever written. */
  readonly stringData?: Readonly<Record<string, string>>;
}
