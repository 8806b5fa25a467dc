// Whether the API server answers this node, with the node's own credentials.

import { balancedKubeconfig } from "../../components/node-local-balancing/balancer.ts";
import { explainApiFailure } from "../../components/worker-join/api-trouble.ts";
import { aheadOf } from "../../kube/clock-check.ts";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { kubeClientFromKubeconfig } from "../../kube/kubeconfig-client.ts";
import { statIfExists } from "../../os/files.ts";
import { errorMessage } from "../../std/errors.ts";
import type { ExaminedNode } from "./examined-node.ts";

export type ApiAnswer =
  | {
      readonly kind: "answers";
      readonly client: KubeClient;
      readonly server: string;
      /** What it says against itself, a line each; empty when it is ready. */
      readonly failing: readonly string[];
      /** How far this host's clock is ahead of its own. */
      readonly clockAheadMs: number | undefined;
    }
  | {
      readonly kind: "silent";
      readonly server: string;
      readonly why: string;
      readonly remedy: string | undefined;
    }
  /** This node has no credentials. */
  | { readonly kind: "no credentials"; readonly file: string };

const limitMs = 4_000;

export async function askApi(node: ExaminedNode, signal: AbortSignal): Promise<ApiAnswer> {
  const file = await kubeconfigOf(node);
  if ((await statIfExists(file)) === undefined) return { kind: "no credentials", file };
  let client: KubeClient;
  try {
    client = await kubeClientFromKubeconfig(file);
  } catch (err) {
    return { kind: "silent", server: file, why: errorMessage(err), remedy: undefined };
  }
  const { server } = client;
  const call = { signal, retries: 0, timeoutMs: limitMs };
  const before = Date.now();
  try {
    const answer = await client.raw("/readyz", call);
    await answer.body?.cancel();
    const clockAheadMs = aheadOf(answer.headers.get("date"), (before + Date.now()) / 2);
    return { kind: "answers", client, server, failing: [], clockAheadMs };
  } catch (err) {
    signal.throwIfAborted();
    if (err instanceof KubeError && err.status >= 500)
      return {
        kind: "answers",
        client,
        server,
        failing: failingChecks(err.message),
        clockAheadMs: undefined,
      };
    const { message, hint } = explainApiFailure(err, { server, token: undefined });
    return { kind: "silent", server, why: message, remedy: hint };
  }
}

/** As the node's own programs use it: a load balancer on the node needs a k0s that runs. */
async function kubeconfigOf({ paths, role, k0s, settings }: ExaminedNode): Promise<string> {
  if (role === "controller") return paths.adminKubeconfig;
  const balanced = balancedKubeconfig(paths);
  const wanted = settings?.nodeLocalLoadBalancing?.enabled === true && k0s.state !== "gone";
  return wanted && (await statIfExists(balanced)) !== undefined ? balanced : paths.kubeletKubeconfig;
}

/** Of the answer of /readyz: `[-]etcd failed: reason withheld`. */
export function failingChecks(answer: string): readonly string[] {
  const lines = answer.split("\n").filter((line) => line.includes("[-]"));
  return lines.length > 0 ? lines.map((line) => line.slice(line.indexOf("[-]"))) : [answer.trim()];
}
