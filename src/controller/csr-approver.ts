// Approves kubelets' serving certificates, without which logs, exec and metrics fail. Upstream:
// pkg/component/controller/csrapprover.go; reference §8.3. Better than there: it acts when a request comes, looks at all
// of them, and a bad one does not hold up the others.

import type { KubeClient } from "../kube/client.ts";
import { isConflict, isNotFoundError } from "../kube/errors.ts";
import { createInformer } from "../kube/informer.ts";
import type { LeaderElector } from "../kube/lease.ts";
import { refOf } from "../kube/types.ts";
import type { KubeResource } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { Component } from "../supervisor/component.ts";
import { isUndecided, kubeletServingSigner, refusalOf } from "./kubelet-serving-csr.ts";
import type { CertificateSigningRequest } from "./kubelet-serving-csr.ts";
import { leaderTask } from "./leader-task.ts";

export interface CsrApproverOptions {
  readonly client: () => Promise<KubeClient>;
  readonly leader: LeaderElector;
  readonly log: Logger;
}

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

interface SubjectAccessReview extends KubeResource {
  spec: Record<string, unknown>;
  status?: { allowed?: boolean; reason?: string };
}

/** Undecided requests are looked at again this often: permissions may have changed. */
const againMs = 10_000;

export function csrApprover(options: CsrApproverOptions): Component {
  return leaderTask({
    ...options,
    name: "csr-approver",
    dependsOn: ["kube-apiserver"],
    run: approveRequests,
  });
}

async function approveRequests(client: KubeClient, signal: AbortSignal, log: Logger): Promise<void> {
  const busy = new Map<string, Promise<void>>();
  const complained = new Set<string>();
  const look = (csr: CertificateSigningRequest): void => {
    const uid = csr.metadata.uid ?? "";
    if (!isUndecided(csr) || busy.has(uid)) return;
    const work = approveOne(client, csr, signal).then((refused) => {
      if (refused === undefined)
        log.info("Approved a kubelet's serving certificate", {
          csr: csr.metadata.name,
          user: csr.spec?.username,
        });
      if (refused !== undefined && !complained.has(uid))
        log.warn("A certificate request is not approved", { csr: csr.metadata.name, why: refused });
      if (refused !== undefined) complained.add(uid);
    });
    busy.set(uid, work);
    void work
      .catch((err: unknown) =>
        log.warn("Cannot approve a certificate request", { csr: csr.metadata.name, err: errorMessage(err) }),
      )
      .finally(() => busy.delete(uid));
  };
  const requests = createInformer<CertificateSigningRequest>({
    client,
    kind: { apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest" },
    fieldSelector: `spec.signerName=${kubeletServingSigner}`,
    log,
    onChange: ({ object, reason }) => {
      if (reason === "deleted") return;
      for (const csr of object === undefined ? requests.items() : [object]) look(csr);
    },
  });
  const again = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(againMs, signal).catch(() => undefined);
      if (!signal.aborted) requests.items().forEach(look);
    }
  };
  await Promise.all([requests.run(signal), again()]);
  await Promise.allSettled(busy.values());
}

/** Undefined when approved, else why not. */
async function approveOne(
  client: KubeClient,
  csr: CertificateSigningRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const refusal = refusalOf(csr);
  if (refusal !== undefined) return refusal;
  const review = await client.create(accessReview(csr), { signal });
  if (review.status?.allowed !== true) return "who asks may not create certificate requests";
  const approval = {
    type: "Approved",
    status: "True",
    reason: "Autoapproved by K0s CSRApprover",
    message: "Auto approving kubelet serving certificate after SubjectAccessReview.",
  };
  await approve(client, csr, approval, signal);
  return undefined;
}

async function approve(
  client: KubeClient,
  csr: CertificateSigningRequest,
  approval: Condition,
  signal: AbortSignal,
): Promise<void> {
  const status = { ...csr.status, conditions: [...(csr.status?.conditions ?? []), approval] };
  try {
    await client.update({ ...csr, status }, { subresource: "approval", signal });
  } catch (err) {
    // Withdrawn meanwhile.
    if (isNotFoundError(err)) return;
    if (!isConflict(err)) throw err;
    const current = await client.find<CertificateSigningRequest>(refOf(csr), { signal });
    if (current !== undefined && isUndecided(current)) await approve(client, current, approval, signal);
  }
}

function accessReview(csr: CertificateSigningRequest): SubjectAccessReview {
  const { username, uid, groups, extra } = csr.spec ?? {};
  return {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    metadata: {},
    spec: {
      user: username,
      uid,
      groups,
      extra,
      resourceAttributes: {
        group: "certificates.k8s.io",
        resource: "certificatesigningrequests",
        verb: "create",
      },
    },
  };
}
