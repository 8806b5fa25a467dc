// Who leads, where there can be several controllers. The elector is there from the beginning, so that tasks can listen to it;
// it campaigns once the API answers. Reference §12.4.

import type { KubeClient } from "../kube/client.ts";
import { createLeaderElector, type LeaderElector } from "../kube/lease.ts";
import type { Logger } from "../std/log.ts";
import type { Component } from "../supervisor/component.ts";

export interface LeaderElectionOptions {
  readonly client: () => Promise<KubeClient>;
  readonly identity: string;
  readonly nodeName: string;
  readonly log: Logger;
}

/** Upstream's name for the lease of the one k0s leader; it does much more than endpoints. */
const leaseName = "k0s-endpoint-reconciler";

export function electedLeader(options: LeaderElectionOptions): LeaderElector {
  const listeners = new Set<(leading: boolean) => void>();
  let elector: LeaderElector | undefined;
  return {
    get isLeader() {
      return elector?.isLeader ?? false;
    },
    onChange(listener) {
      listeners.add(listener);
      listener(elector?.isLeader ?? false);
      return () => void listeners.delete(listener);
    },
    async run(signal) {
      elector = createLeaderElector({
        client: await options.client(),
        name: leaseName,
        identity: options.identity,
        host: options.nodeName,
        log: options.log.with({ component: "leader-election" }),
      });
      let known = false;
      elector.onChange((leading) => {
        if (leading === known) return;
        known = leading;
        for (const listener of listeners) listener(leading);
      });
      await elector.run(signal);
    },
    yield: (ms) => elector?.yield(ms),
  };
}

export function leaderElection(leader: LeaderElector): Component {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    name: "leader-election",
    dependsOn: ["kube-apiserver"],
    start() {
      running = leader.run(stopping.signal);
      return Promise.resolve();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
