// A controller writes its own EtcdMember and ends itself when it is asked to leave.
// Upstream: pkg/component/controller/etcd_member_reconciler.go.

import type { EtcdClient } from "../client.ts";
import { peerAddressOf } from "./plan-peer-urls.ts";
import {
  etcdMemberKind,
  type EtcdMemberObject,
  joinedCondition,
  leaseAnnotation,
  memberLabels,
} from "./object.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { follow } from "../../../kube/follow.ts";
import { createInformer, type Informer } from "../../../kube/informer.ts";
import { asLabelValue } from "../../../std/kubernetes-names.ts";
import type { Logger } from "../../../std/log.ts";
import type { Component } from "../../../supervisor/component.ts";
import { task } from "../../../supervisor/task.ts";
import { controllerLeaseName } from "../../controller-leases/component.ts";
import { kubeApiserverDeclaration } from "../../kube-apiserver/declaration.ts";

export interface MemberRegistrationOptions {
  readonly client: () => Promise<KubeClient>;
  readonly etcd: EtcdClient;
  readonly memberName: string;
  readonly nodeName: string;
  readonly invocationId: string;
  /** Called once, when this k0s shall leave the etcd cluster and end its parts. */
  readonly onLeave: () => void;
  readonly log: Logger;
}

export function etcdMemberRegistration(options: MemberRegistrationOptions): Component {
  const log = options.log.with({ component: "etcd-member" });
  const name = options.memberName.toLowerCase();
  const ref = { ...etcdMemberKind, name };

  const register = async (client: KubeClient, signal: AbortSignal): Promise<void> => {
    const [{ memberId }, members] = await Promise.all([
      options.etcd.status({ signal }),
      options.etcd.members({ signal }),
    ]);
    const member = members.find(({ id }) => id === memberId);
    if (member === undefined) throw new Error("etcd does not list this member");
    const present = await client.find<EtcdMemberObject>(ref, { signal });
    if (present === undefined) {
      await client.create({ ...etcdMemberKind, metadata: { name }, spec: { leave: false } }, { signal });
    }
    const lease = controllerLeaseName(options.nodeName);
    const annotations = { [leaseAnnotation]: lease };
    const labels = {
      [memberLabels.lease]: asLabelValue(lease),
      [memberLabels.shutdownOnLeave]: options.invocationId,
      [memberLabels.shutdown]: null,
    };
    await client.patch(
      ref,
      "merge",
      { metadata: { labels, annotations }, spec: { leave: false } },
      { signal },
    );
    const joined = { status: "True", message: "Member joined" } as const;
    const status = {
      peerAddress: peerAddressOf(member),
      memberID: memberId,
      reconcileStatus: "",
      message: "",
      conditions: [joinedCondition(present?.status, joined, new Date())],
    };
    await client.patch(ref, "merge", { status }, { signal, subresource: "status" });
  };

  let asked = false;
  const informer = async (signal: AbortSignal): Promise<{ informer: Informer<EtcdMemberObject> }> => {
    const client = await options.client();
    // The leader brings the definition; until then there is no such kind.
    await register(client, signal);
    const own = createInformer<EtcdMemberObject>({
      client,
      kind: etcdMemberKind,
      fieldSelector: `metadata.name=${name}`,
      log,
      onChange: () => {
        const wanted = own.get(name)?.metadata.labels?.[memberLabels.shutdown];
        if (asked || wanted !== options.invocationId) return;
        asked = true;
        log.info("This controller is asked to leave the etcd cluster");
        options.onLeave();
      },
    });
    return { informer: own };
  };
  const following = follow({ name: "the EtcdMember of this controller", log, informer });

  return task({ name: "etcd-member", dependsOn: [kubeApiserverDeclaration], parts: [following] });
}
