// Whether a certificate request is what a kubelet may ask for its server, as far as the request itself tells: Kubernetes' own
// rules for the signer `kubernetes.io/kubelet-serving` (k8s.io/kubernetes/pkg/apis/certificates/helpers.go), taken strictly:
// it holds what kubelet writes into it and nothing more. Whose the names are is for node-names.ts.

import "reflect-metadata";
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from "@peculiar/x509";
import type { CertificateSigningRequest } from "../../kube/objects/certificate-signing-request.ts";
import { canonicalName, isHostName } from "./canonical-name.ts";

export const kubeletServingSigner = "kubernetes.io/kubelet-serving";

/** True until somebody decided. */
export function isUndecided(csr: CertificateSigningRequest): boolean {
  return !(csr.status?.conditions ?? []).some(({ type }) => type === "Approved" || type === "Denied");
}

/**
 * Of a request that is decided, who asked and when: the server keeps it for an hour, and after a thousand nodes have joined
 * that would be a thousand requests with their certificates.
 */
export function withoutWhatIsDone(csr: CertificateSigningRequest): CertificateSigningRequest {
  if (isUndecided(csr)) return csr;
  const { apiVersion, kind, metadata, spec, status } = csr;
  const { name = "", uid = "", creationTimestamp = "", resourceVersion = "" } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, uid, creationTimestamp, resourceVersion },
    spec: { username: spec?.username ?? "" },
    status: { conditions: status?.conditions ?? [] },
  };
}

export interface ServingRequest {
  /** Of the node that asks, for itself. */
  readonly node: string;
  /** DNS names and addresses, canonical. */
  readonly names: readonly string[];
}

/** What is asked for, or why that must never be approved: the words do not change, and neither does the answer. */
export function servingRequest(
  csr: CertificateSigningRequest,
): { readonly request: ServingRequest } | { readonly refusal: string } {
  const { username = "", groups = [], usages = [], request: base64 } = csr.spec ?? {};
  const parsed = parseRequest(base64 ?? "");
  if (parsed === undefined) return { refusal: "its request cannot be read" };
  const refusal =
    subjectRefusal(parsed.subject, username, groups) ?? namesRefusal(parsed) ?? usageRefusal(usages);
  if (refusal !== undefined) return { refusal };
  const names = [...new Set(parsed.names.map(({ value }) => canonicalName(value)))];
  return { request: { node: username.slice(nodeUserPrefix.length), names } };
}

const nodeUserPrefix = "system:node:";

function subjectRefusal(
  subject: readonly SubjectPart[],
  username: string,
  groups: readonly string[],
): string | undefined {
  const valuesOf = (name: string): readonly string[] =>
    subject.filter(([type]) => type === name).map(([, value]) => value);
  const [organization, ...organizations] = valuesOf("O");
  if (organization !== "system:nodes" || organizations.length > 0)
    return "its organization is not system:nodes alone";
  const [commonName, ...commonNames] = valuesOf("CN");
  // Go takes the last one of several, others the first.
  if (commonName === undefined || commonNames.length > 0) return "it has not exactly one common name";
  if (subject.length > 2) return "its subject has more parts than an organization and a common name";
  if (!commonName.startsWith(nodeUserPrefix)) return "its common name does not begin with system:node:";
  if (commonName !== username) return "it asks for another node than the one that asks";
  return groups.includes("system:nodes") ? undefined : "who asks is no node";
}

function namesRefusal({ names, more }: ParsedRequest): string | undefined {
  if (more !== undefined) return more;
  if (names.length === 0) return "it names no host and no address";
  const strange = names.find(({ type }) => type !== "dns" && type !== "ip");
  if (strange !== undefined) return `it names more than hosts and addresses (${strange.type})`;
  const bad = names.find(({ type, value }) => type === "dns" && !isHostName(value));
  return bad === undefined ? undefined : `${JSON.stringify(bad.value)} is no name of one host`;
}

const allowedUsages: ReadonlySet<string> = new Set(["digital signature", "key encipherment", "server auth"]);

function usageRefusal(usages: readonly string[]): string | undefined {
  const right =
    usages.includes("server auth") &&
    usages.includes("digital signature") &&
    usages.every((usage) => allowedUsages.has(usage));
  return right ? undefined : "its usages are not those of a server";
}

type SubjectPart = readonly [type: string, value: string];

interface ParsedRequest {
  readonly subject: readonly SubjectPart[];
  readonly names: readonly { readonly type: string; readonly value: string }[];
  /** What it asks for beside names, in words. */
  readonly more: string | undefined;
}

const extensionRequest = "1.2.840.113549.1.9.14";

function parseRequest(base64: string): ParsedRequest | undefined {
  const der = onlyBlock(Buffer.from(base64, "base64").toString("latin1"));
  if (der === undefined) return undefined;
  try {
    const request = new Pkcs10CertificateRequest(der);
    const { attributes, extensions } = request;
    const alone = attributes.length <= 1 && attributes.every(({ type }) => type === extensionRequest);
    const [extension] = extensions;
    const named = extension instanceof SubjectAlternativeNameExtension ? extension.names.items : [];
    const onlyNames =
      extensions.length === 0 ||
      (extensions.length === 1 && extension instanceof SubjectAlternativeNameExtension);
    return {
      subject: request.subjectName
        .toJSON()
        .flatMap((part) =>
          Object.entries(part).flatMap(([type, values]) =>
            values.map((value): SubjectPart => [type, typeof value === "string" ? value : "?"]),
          ),
        ),
      names: named.map(({ type, value }) => ({ type, value })),
      more: alone && onlyNames ? undefined : "it asks for more than names",
    };
  } catch {
    // Whatever it is, it is not a request that we approve.
    return undefined;
  }
}

/** One block without headers and with nothing around it: of several, readers take different ones. */
function onlyBlock(pem: string): Buffer | undefined {
  const label = "CERTIFICATE REQUEST";
  const form = new RegExp(
    `^-----BEGIN ${label}-----\\r?\\n([A-Za-z0-9+/=\\r\\n]+)-----END ${label}-----\\s*$`,
  );
  const body = form.exec(pem)?.[1];
  return body === undefined ? undefined : Buffer.from(body, "base64");
}
