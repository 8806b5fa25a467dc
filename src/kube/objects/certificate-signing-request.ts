import type { KubeResource } from "../types.ts";
import type { Condition } from "./condition.ts";

export const csrKind = { apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest" } as const;

export interface CertificateSigningRequest extends KubeResource {
  readonly spec?: {
    /** PEM in base64. */
    readonly request?: string;
    readonly signerName?: string;
    readonly usages?: readonly string[];
    // Who asks, written by the API server.
    readonly username?: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    /** PEM in base64. */
    readonly certificate?: string;
  };
}
