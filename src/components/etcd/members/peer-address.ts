// Tells etcd the address of this host's member when it differs from the one that etcd remembers of an earlier start: others
// dial the remembered one, and those who join are sent there.

import type { EtcdClient } from "../client.ts";
import { planPeerUrls } from "./plan-peer-urls.ts";
import type { Logger } from "../../../std/log.ts";
import { createLoop } from "../../../std/loop.ts";
import type { Component } from "../../../supervisor/component.ts";
import { task } from "../../../supervisor/task.ts";
import { etcdDeclaration } from "../declaration.ts";

export interface EtcdPeerAddressOptions {
  readonly client: EtcdClient;
  /** What etcd was started with. */
  readonly peerUrls: readonly string[];
  readonly log: Logger;
}

/** Members of a cluster that has just lost one need some seconds to agree on anything. */
const limitMs = 15_000;

export function etcdPeerAddress({ client, peerUrls, log }: EtcdPeerAddressOptions): Component {
  const reconcile = async (signal: AbortSignal): Promise<void> => {
    const [members, { memberId }] = await Promise.all([
      client.members({ signal }),
      client.status({ signal }),
    ]);
    const step = planPeerUrls(members, memberId, peerUrls);
    if (step.action === "refuse") {
      throw new Error(`${peerUrls.join(", ")} is the address of the etcd member ${step.by.name} already`);
    }
    if (step.action !== "update") return;
    await client.updatePeerUrls(memberId, peerUrls, { signal });
    log.info("Told etcd the new address of this member", {
      member: memberId,
      from: step.from.join(","),
      to: peerUrls.join(","),
    });
  };

  const loop = createLoop({
    name: "address of the etcd member",
    log: log.with({ component: "etcd-peer-address" }),
    limitMs,
    backoff: { firstMs: 1_000, longestMs: 30_000 },
    round: reconcile,
  });

  return task({ name: "etcd-peer-address", dependsOn: [etcdDeclaration], parts: [loop] });
}
