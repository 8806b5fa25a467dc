// Nodes and konnectivity's agents as a report on tunnels needs them, read off the tables that the API server prints: whole
// objects of a thousand nodes are 12 MB.

import type { KubeClient } from "../../../kube/client.ts";
import { listTable, type TableRow } from "../../../kube/table.ts";

export interface TunnelNode {
  readonly name: string;
  /** The first internal one, by which its agent names itself; empty if it has none yet. */
  readonly address: string;
  readonly ready: boolean;
}

export interface AgentPod {
  /** The node that it runs on; empty if none yet. */
  readonly node: string;
  /** In a word, e.g. `Running`, `Pending`, `ImagePullBackOff`, `Terminating`. */
  readonly status: string;
}

const nodes = { apiVersion: "v1", plural: "nodes", namespaced: false };
const pods = { apiVersion: "v1", plural: "pods", namespaced: true };

export async function tunnelNodes(
  client: Pick<KubeClient, "raw">,
  signal: AbortSignal,
): Promise<TunnelNode[]> {
  const rows = await listTable(client, nodes, { columns: ["Name", "Status", "Internal-IP"], signal });
  return rows.map((row) => ({
    name: cell(row, "Name"),
    address: cell(row, "Internal-IP"),
    // `Ready,SchedulingDisabled` is Ready; `NotReady` and `Unknown` are not.
    ready: cell(row, "Status").split(",").includes("Ready"),
  }));
}

export async function agentPods(client: Pick<KubeClient, "raw">, signal: AbortSignal): Promise<AgentPod[]> {
  const rows = await listTable(client, pods, {
    namespace: "kube-system",
    labelSelector: "k8s-app=konnectivity-agent",
    columns: ["Node", "Status"],
    signal,
  });
  return rows.map((row) => ({ node: cell(row, "Node"), status: cell(row, "Status") }));
}

/** `<none>` is how an empty cell is printed. */
function cell(row: TableRow, column: string): string {
  const text = row.get(column) ?? "";
  return text === "<none>" ? "" : text;
}
