// How releases and their Charts are, as the API server and the processes of this host tell.

import {
  type Chart,
  chartKind,
  chartNamespace,
  type ChartStatus,
} from "../../../src/components/helm-extensions/chart.ts";
import type { KubeObject } from "../../../src/kube/types.ts";
import { runOrThrow } from "../../../src/os/exec.ts";
import { listProcesses, processArguments } from "../../../src/os/processes.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import { findBinary, type TestApiServer } from "./api-server.ts";

export const chartRef = (name: string) => ({
  ...chartKind,
  namespace: chartNamespace,
  name: `k0s-addon-chart-${name}`,
});

/** Each release is in a namespace of its own, `ns-<name>`. */
export type HelmView = ReturnType<typeof helmView>;

export function helmView(api: TestApiServer) {
  const chartOf = (name: string) => api.client.find<Chart>(chartRef(name));

  const revisionsOf = async (name: string): Promise<string[]> => {
    const kind = { apiVersion: "v1", kind: "Secret" };
    const options = { namespace: `ns-${name}`, labelSelector: `name=${name}` };
    const { items } = await api.client.list(kind, options);
    return items.map(({ metadata: { labels } }) => `${labels?.["version"]} ${labels?.["status"]}`).toSorted();
  };

  return {
    chartOf,
    /** Helm's revisions of a release, each as `1 deployed`. */
    revisionsOf,

    async until(name: string, what: string, test: (status: ChartStatus) => boolean): Promise<ChartStatus> {
      const look = async (): Promise<Chart | undefined> => {
        const found = await chartOf(name);
        return found?.status !== undefined && test(found.status) ? found : undefined;
      };
      try {
        const chart = await pollUntil(look, { what, intervalMs: 100, timeoutMs: 240_000 });
        return chart.status ?? {};
      } catch (err) {
        const status = JSON.stringify((await chartOf(name))?.status);
        throw new Error(`${String(err)}: ${status}`, { cause: err });
      }
    },

    async gone(name: string): Promise<void> {
      await pollUntil(async () => (await chartOf(name)) === undefined, {
        what: "the Chart to go",
        intervalMs: 100,
        timeoutMs: 240_000,
      });
    },

    async settingsOf(name: string): Promise<unknown> {
      const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: `ns-${name}`, name: `${name}-settings` };
      return (await api.client.find(ref))?.["data"];
    },

    /** Reasons of its events, in order of their letters. */
    async eventsOf(name: string): Promise<string[]> {
      const kind = { apiVersion: "v1", kind: "Event" };
      const fieldSelector = `involvedObject.name=${chartRef(name).name}`;
      const { items } = await api.client.list(kind, { namespace: chartNamespace, fieldSelector });
      return items.map(({ reason }: KubeObject) => String(reason)).toSorted();
    },

    /** Waits for these events; the last one comes after the status. */
    async told(name: string, reasons: readonly string[]): Promise<void> {
      let last: readonly string[] = [];
      await pollUntil(
        async () => {
          last = await this.eventsOf(name);
          return reasons.every((reason) => last.includes(reason)) && last.length >= reasons.length;
        },
        { what: `events ${reasons.join(", ")} of ${name}`, intervalMs: 100, timeoutMs: 60_000 },
      );
    },

    /** The helm that waits for pods of this release. */
    helmAtWork: (name: string): Promise<number> =>
      pollUntil(
        async () => {
          for (const { pid } of await listProcesses()) {
            const [program = "", command, release] = await processArguments(pid);
            if (program === "helm" && command === "upgrade" && release === name) return pid;
          }
          return undefined;
        },
        { what: "helm", intervalMs: 20, timeoutMs: 120_000 },
      ),

    async isPending(name: string): Promise<void> {
      await pollUntil(async () => (await revisionsOf(name)).includes("2 pending-upgrade"), {
        what: "the upgrade to begin",
        intervalMs: 50,
        timeoutMs: 120_000,
      });
    },

    /** What kubectl prints. */
    async kubectl(...args: readonly string[]): Promise<string> {
      const env = { KUBECONFIG: api.kubeconfig, HOME: "/nonexistent", PATH: "/usr/bin:/bin" };
      return runOrThrow(await findBinary("kubernetes"), args, { argv0: "kubectl", env, timeoutMs: 60_000 });
    },
  };
}
