// What happens to the release of a Chart, as Events: `kubectl describe chart` shows them.

import type { KubeClient } from "../../kube/client.ts";
import type { KubeObject } from "../../kube/types.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { type Chart, chartKind, chartNamespace } from "./chart.ts";

export interface ChartReport {
  readonly type: "Normal" | "Warning";
  readonly reason:
    | "Installed"
    | "Upgraded"
    | "Uninstalled"
    | "Healed"
    | "Waiting"
    | "InstallationFailed"
    | "UpgradeFailed"
    | "UninstallationFailed";
  readonly message: string;
}

const longestMessage = 1_000;

/** Never rejects: log and status have the same text. */
export async function reportChart(
  client: Pick<KubeClient, "create">,
  chart: Chart,
  { type, reason, message }: ChartReport,
  log: Logger,
): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const { name = "", namespace = chartNamespace, uid = "" } = chart.metadata;
  const event: KubeObject = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { namespace, name: `${name}.${crypto.randomUUID().slice(0, 8)}` },
    involvedObject: { ...chartKind, name, namespace, uid },
    reason,
    message: message.slice(0, longestMessage),
    type,
    source: { component: "k0s" },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
  try {
    await client.create(event, { retries: 0, timeoutMs: 5_000 });
  } catch (err) {
    log.debug("Cannot write an event", { err: errorMessage(err) });
  }
}
