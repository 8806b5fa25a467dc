// Whether a certificate request is what a kubelet may ask for its server: Kubernetes' own rules for the signer
// `kubernetes.io/kubelet-serving` (k8s.io/kubernetes/pkg/apis/certificates/helpers.go).

import "reflect-metadata";
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from "@peculiar/x509";
import type { KubeResource } from "../kube/types.ts";

export const kubeletServingSigner = "kubernetes.io/kubelet-serving";

export interface CertificateSigningRequest extends KubeResource {
  spec?: {
    request?: string;
    signerName?: string;
    username?: string;
    uid?: string;
    groups?: string[];
    extra?: Record<string, string[]>;
    usages?: string[];
  };
  status?: {
    conditions?: { type: string; status?: string; reason?: string; message?: string }[];
    certificate?: string;
  };
}

/** True until somebody decided. */
export function isUndecided(csr: CertificateSigningRequest): boolean {
  return !(csr.status?.conditions ?? []).some(({ type }) => type === "Approved" || type === "Denied");
}

/** Why the request must not be approved, or undefined when it may be. */
export function refusalOf(csr: CertificateSigningRequest): string | undefined {
  const { username = "", groups = [], usages = [], request } = csr.spec ?? {};
  if (request === undefined) return "it holds no request";
  const parsed = parseRequest(request);
  if (parsed === undefined) return "its request cannot be read";
  const { organizations, commonNames, altNames } = parsed;
  if (organizations.length !== 1 || organizations[0] !== "system:nodes")
    return "its organization is not system:nodes";
  const commonName = commonNames[0] ?? "";
  if (!commonName.startsWith("system:node:")) return "its common name does not begin with system:node:";
  if (commonName !== username) return "it asks for another node than the one that asks";
  if (!groups.includes("system:nodes")) return "who asks is no node";
  if (!altNames.some((type) => type === "dns" || type === "ip")) return "it names no host and no address";
  if (altNames.some((type) => type === "email" || type === "url")) return "it names a mail address or a URI";
  const allowed = new Set(["digital signature", "key encipherment", "server auth"]);
  if (
    !usages.includes("server auth") ||
    !usages.includes("digital signature") ||
    usages.some((usage) => !allowed.has(usage))
  ) {
    return "its usages are not those of a server";
  }
  return undefined;
}

interface ParsedRequest {
  readonly organizations: readonly string[];
  readonly commonNames: readonly string[];
  /** Kinds of the subject alternative names. */
  readonly altNames: readonly string[];
}

function parseRequest(base64: string): ParsedRequest | undefined {
  try {
    const request = new Pkcs10CertificateRequest(Buffer.from(base64, "base64").toString("latin1"));
    const extension = request.extensions.find(
      (candidate) => candidate instanceof SubjectAlternativeNameExtension,
    );
    const names = extension?.names.items ?? [];
    return {
      organizations: request.subjectName.getField("O"),
      commonNames: request.subjectName.getField("CN"),
      altNames: names.map(({ type }) => type),
    };
  } catch {
    // Whatever it is, it is not a request that we approve.
    return undefined;
  }
}
