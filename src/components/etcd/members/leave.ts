// A member leaves by itself. Upstream: pkg/component/controller/etcd.go (leave on stop).

import type { Logger } from "../../../std/log.ts";
import { retry } from "../../../std/retry.ts";
import type { EtcdClient } from "../client.ts";
import { isMemberNotFound, isServerStopped } from "../errors.ts";

export async function leaveCluster(client: EtcdClient, log: Logger): Promise<void> {
  await retry(
    async () => {
      const { memberId } = await client.status({ timeoutMs: 10_000 });
      try {
        await client.remove(memberId, { timeoutMs: 10_000 });
      } catch (err) {
        // It may end faster than it answers.
        if (!isServerStopped(err) && !isMemberNotFound(err)) throw err;
      }
    },
    { what: "leaving the etcd cluster", attempts: 10, backoff: { firstMs: 1_000, longestMs: 5_000 }, log },
  );
  log.info("Left the etcd cluster");
}
