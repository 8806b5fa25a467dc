// Events that k0s writes: what `kubectl describe` and `kubectl get events` show of an object.

import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { secondsTimestamp } from "../../std/timestamp.ts";
import type { KubeClient } from "../client.ts";
import type { KubeObject } from "../types.ts";

/** An Event but for its times, and with a message of any length. */
export interface EventFields {
  readonly metadata: KubeObject["metadata"];
  readonly involvedObject: object;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface EventSink {
  readonly client: () => Promise<Pick<KubeClient, "create">>;
  readonly log: Logger;
  /** Default: as the client has it. */
  readonly retries?: number;
}

/** Kubernetes takes 1,024 bytes. */
const longestMessage = 1_000;

/** Never rejects: what is reported is in the log, too. */
export async function writeEvent(
  { client, log, retries }: EventSink,
  { metadata, message, ...fields }: EventFields,
  now = new Date(),
): Promise<void> {
  const at = secondsTimestamp(now);
  const event: KubeObject = {
    apiVersion: "v1",
    kind: "Event",
    metadata,
    ...fields,
    message: message.slice(0, longestMessage),
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
  try {
    await (await client()).create(event, { retries, timeoutMs: 5_000 });
  } catch (err) {
    log.debug("Cannot write an event", { err: errorMessage(err) });
  }
}
