// The calls by which a certificate request is approved, in upstream's words.
// Upstream: pkg/component/controller/csrapprover.go.

import type { KubeClient } from "../../kube/client.ts";
import { isConflict, isNotFoundError } from "../../kube/errors.ts";
import { type KubeResource, refOf } from "../../kube/types.ts";
import type { CertificateSigningRequest } from "../../kube/objects/certificate-signing-request.ts";
import { isUndecided } from "./serving-request.ts";

interface SubjectAccessReview extends KubeResource {
  spec: Record<string, unknown>;
  status?: { allowed?: boolean; reason?: string };
}

const approval = {
  type: "Approved",
  status: "True",
  reason: "Autoapproved by K0s CSRApprover",
  message: "Auto approving kubelet serving certificate after SubjectAccessReview.",
};

/** Whether the one who asks may create certificate requests (still). */
export async function mayRequest(
  client: KubeClient,
  csr: CertificateSigningRequest,
  signal: AbortSignal,
): Promise<boolean> {
  const { username, uid, groups, extra } = csr.spec ?? {};
  const attributes = {
    group: "certificates.k8s.io",
    resource: "certificatesigningrequests",
    verb: "create",
  };
  const review = await client.create<SubjectAccessReview>(
    {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      metadata: {},
      spec: { user: username, uid, groups, extra, resourceAttributes: attributes },
    },
    { signal },
  );
  return review.status?.allowed === true;
}

/** Approves this very request; one that was decided or withdrawn meanwhile is left alone. */
export async function approve(
  client: KubeClient,
  csr: CertificateSigningRequest,
  signal: AbortSignal,
): Promise<void> {
  const status = { ...csr.status, conditions: [...(csr.status?.conditions ?? []), approval] };
  try {
    await client.update({ ...csr, status }, { subresource: "approval", signal });
  } catch (err) {
    if (isNotFoundError(err)) return;
    if (!isConflict(err)) throw err;
    const current = await client.find<CertificateSigningRequest>(refOf(csr), { signal });
    // Of the same name and another uid it is another request, at which nobody has looked.
    if (current?.metadata.uid !== csr.metadata.uid || current === undefined || !isUndecided(current)) return;
    await approve(client, current, signal);
  }
}
