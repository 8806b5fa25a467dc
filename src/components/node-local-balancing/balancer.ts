// The load balancer of a worker: the way to the API servers (and to konnectivity) that survives the loss of each of them.
// It runs inside of k0s, where upstream runs Envoy or Traefik in a static pod: docs/adr/0022.
// Upstream: pkg/component/worker/nllb.

import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import type { Credentials } from "../../kube/transport.ts";
import { ensureDir, writeFileAtomic } from "../../os/files.ts";
import type { Logger } from "../../std/log.ts";
import { type ClusterAddress, kubeletKubeconfig } from "../worker-join/kubelet-kubeconfig.ts";
import type { WorkerSettings } from "../worker-config/schema.ts";
import { balancerPlan } from "./plan.ts";
import { apiServerChecks, tcpChecks } from "../../balancer/probes.ts";
import { TcpBalancer } from "../../balancer/tcp-balancer.ts";

export interface NodeLocalBalancerOptions {
  readonly paths: NodePaths;
  readonly log: Logger;
  /** The API server that the node knows first; with the CA a kubeconfig is written that leads through the balancer. */
  readonly cluster: () => Pick<ClusterAddress, "server"> & Partial<ClusterAddress>;
  /** The node's own. */
  readonly credentials: () => Promise<Credentials>;
}

export interface NodeLocalBalancer {
  /** Balances as the settings say. True when the node's way to the API is another one now. Throws when a port is taken. */
  apply(settings: WorkerSettings): Promise<boolean>;
  /** The kubeconfig to use on this node. */
  kubeconfig(): string;
  /** For the status. */
  describe(): string | undefined;
  stop(): void;
}

const loopback = "127.0.0.1";
/** Of one node's own programs: far more than they have. */
const maxConnections = 1_024;

/** That leads through the balancer, while it runs. */
export function balancedKubeconfig({ runDir }: Pick<NodePaths, "runDir">): string {
  return join(runDir, "nllb", "kubeconfig.yaml");
}

export function nodeLocalBalancer(options: NodeLocalBalancerOptions): NodeLocalBalancer {
  const { paths } = options;
  const log = options.log.with({ component: "load-balancer" });
  const ownKubeconfig = balancedKubeconfig(paths);
  let api: TcpBalancer | undefined;
  let konnectivity: TcpBalancer | undefined;

  /** One after the other: each begins with what the one before has left. */
  let applying: Promise<unknown> = Promise.resolve();
  let stopped = false;
  /** The port to which the present kubeconfig leads. */
  let written: number | undefined;

  const writeKubeconfig = async (port: number): Promise<void> => {
    const { ca } = options.cluster();
    if (ca === undefined) return;
    await ensureDir(join(paths.runDir, "nllb"), { mode: 0o755 });
    const text = kubeletKubeconfig(paths, { server: `https://${loopback}:${port}`, ca });
    await writeFileAtomic(ownKubeconfig, text, { mode: 0o600 });
  };

  const applyOne = async (settings: WorkerSettings): Promise<boolean> => {
    const plan = balancerPlan(settings, new URL(options.cluster().server).host);
    const before = written;
    const forApi = { name: "api", checks: apiServerChecks(options.credentials), log };
    const forKonnectivity = { name: "konnectivity", checks: tcpChecks, log };
    // Those that there are go on until everything new is there: what fails on the way must not cut the node off.
    const next: (TcpBalancer | undefined)[] = [];
    // One of the two may want the port of the other, which needs it no longer.
    const leaving = [
      ...(api !== undefined && api.port === plan?.konnectivity?.port ? [api] : []),
      ...(konnectivity !== undefined && konnectivity.port === plan?.api.port ? [konnectivity] : []),
    ];
    try {
      for (const one of leaving) one.leavePort();
      next.push(adjusted(api, plan?.api, forApi));
      next.push(adjusted(konnectivity, plan?.konnectivity, forKonnectivity));
      const port = next[0]?.port;
      if (port !== undefined && port !== written) await writeKubeconfig(port);
      if (stopped) throw new Error("the load balancer is stopped");
      written = port;
    } catch (err) {
      for (const begun of next) if (begun !== api && begun !== konnectivity) begun?.stop();
      // A stop in the meantime has stopped these for good.
      for (const one of stopped ? [] : leaving) one.listen();
      throw err;
    }
    const old = [api, konnectivity].filter((one) => !next.includes(one));
    [api, konnectivity] = next;
    for (const one of old) one?.stop();
    return written !== before;
  };

  return {
    apply(settings) {
      const turn = applying.then(() => applyOne(settings));
      applying = turn.catch(() => undefined);
      return turn;
    },
    kubeconfig: () => (api === undefined ? paths.kubeletKubeconfig : ownKubeconfig),
    describe: () => (api === undefined ? undefined : describeBalancer(api)),
    stop() {
      stopped = true;
      api?.stop();
      konnectivity?.stop();
    },
  };
}

/** The present one with new endpoints, or a new one that runs beside it; undefined where none is wanted. */
function adjusted(
  running: TcpBalancer | undefined,
  wanted: { readonly port: number; readonly endpoints: readonly string[] } | undefined,
  options: Pick<ConstructorParameters<typeof TcpBalancer>[0], "name" | "checks" | "log">,
): TcpBalancer | undefined {
  if (running !== undefined && running.port === wanted?.port) {
    running.setEndpoints(wanted.endpoints);
    return running;
  }
  if (wanted === undefined) return undefined;
  const balancer = new TcpBalancer({ ...options, port: wanted.port, hostname: loopback, maxConnections });
  balancer.start(wanted.endpoints);
  return balancer;
}

function describeBalancer(balancer: TcpBalancer): string {
  const endpoints = balancer.endpoints().map(describeEndpoint).join(", ");
  return balancer.ownTrouble === undefined ? endpoints : `${endpoints}; ${balancer.ownTrouble}`;
}

function describeEndpoint(endpoint: { address: string; health: string; connections: number }): string {
  const connections = endpoint.connections === 1 ? "1 connection" : `${endpoint.connections} connections`;
  return `${endpoint.address} ${endpoint.health} (${connections})`;
}
