// What became of a configuration, as an Event on the ClusterConfig: `k0s config status` shows it.
// Upstream: pkg/component/controller/clusterconfig/reconciler.go.

import type { KubeClient } from "../../kube/client.ts";
import { writeEvent } from "../../kube/objects/event.ts";
import type { Logger } from "../../std/log.ts";
import { clusterConfigRef } from "./reference.ts";

export type ConfigReport =
  | { readonly type: "Normal" }
  | { readonly type: "Warning"; readonly message: string };

export interface ConfigReporter {
  readonly client: () => Promise<Pick<KubeClient, "create">>;
  /** The controller. */
  readonly name: string;
  readonly log: Logger;
}

/** Never rejects: the log has the same text. */
export async function reportConfig(
  { client, name, log }: ConfigReporter,
  report: ConfigReport,
): Promise<void> {
  const { apiVersion, kind, namespace } = clusterConfigRef;
  const now = new Date();
  await writeEvent(
    { client, log },
    {
      metadata: { namespace, generateName: `${clusterConfigRef.name}.` },
      involvedObject: { apiVersion, kind, namespace, name: clusterConfigRef.name },
      action: "ConfigReconciling",
      type: report.type,
      reason: report.type === "Normal" ? "SuccessfulReconcile" : "FailedReconciling",
      message: report.type === "Normal" ? "Successfully reconciled cluster config" : report.message,
      reportingComponent: "k0s-controller",
      reportingInstance: name,
      eventTime: now.toISOString().replace(/Z$/, "000Z"),
    },
    now,
  );
}
