// What happens to the release of a Chart, as Events: `kubectl describe chart` shows them.

import type { KubeClient } from "../../kube/client.ts";
import { writeEvent } from "../../kube/objects/event.ts";
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
    | "ReleaseTaken"
    | "InstallationFailed"
    | "UpgradeFailed"
    | "UninstallationFailed";
  readonly message: string;
}

/** Never rejects: log and status have the same text. */
export async function reportChart(
  client: Pick<KubeClient, "create">,
  chart: Chart,
  report: ChartReport,
  log: Logger,
): Promise<void> {
  const { name = "", namespace = chartNamespace, uid = "" } = chart.metadata;
  await writeEvent(
    { client: async () => client, log, retries: 0 },
    {
      metadata: { namespace, name: `${name}.${crypto.randomUUID().slice(0, 8)}` },
      involvedObject: { ...chartKind, name, namespace, uid },
      source: { component: "k0s" },
      ...report,
    },
  );
}
