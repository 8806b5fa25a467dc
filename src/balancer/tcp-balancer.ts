// A TCP load balancer: each connection goes to an endpoint that is well. Connections leave an endpoint that has died or
// left the cluster at once, and one that does not answer little by little, so that their clients come back and reach
// another one.
// Upstream: pkg/component/worker/nllb, which runs Envoy or Traefik; docs/adr/0022, docs/adr/0051.

import { ownConnectTrouble } from "../os/host-shortage.ts";
import { errno, errorMessage, UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { troubleLog } from "../std/trouble-log.ts";
import type { EndpointChecks, Finding } from "./endpoint-health.ts";
import { EndpointPool, type EndpointState } from "./endpoint-pool.ts";
import { defaultWatchTiming, type EndpointWatch, watchEndpoint, type WatchTiming } from "./endpoint-watch.ts";
import { type End, joinEnds, type Relay, relayEnd, relayHandlers } from "./relay.ts";
import { splitHostPort } from "../std/ip.ts";

export interface TcpBalancerOptions {
  /** What it balances, for log and errors. */
  readonly name: string;
  readonly port: number;
  readonly hostname?: string;
  readonly checks: EndpointChecks;
  readonly log: Logger;
  /** Connections at a time; further ones are turned away. */
  readonly maxConnections: number;
  readonly timing?: BalancerTiming;
  /** Why this host itself cannot open a connection now, to any endpoint; default: it is tried. */
  readonly ownTrouble?: (hostname: string, port: number) => string | undefined;
}

export interface BalancerTiming extends WatchTiming {
  /** How long one endpoint may take to accept a connection before the next one is tried. */
  readonly connectMs: number;
  /** A client that has sent nothing by then is closed. */
  readonly firstByteMs: number;
  /** Connections on which nothing comes for this long are closed; longer than kubelet's and the API server's own limit of 4 h. */
  readonly idleMs: number;
  /** After so much silence the kernel asks whether the other side is still there. */
  readonly keepAliveMs: number;
}

const defaultTiming: BalancerTiming = {
  ...defaultWatchTiming,
  connectMs: 1_000,
  firstByteMs: 30_000,
  idleMs: 4 * 3_600_000 + 300_000,
  keepAliveMs: 30_000,
};

export class TcpBalancer {
  readonly #options: TcpBalancerOptions;
  readonly #timing: BalancerTiming;
  readonly #pool = new EndpointPool();
  readonly #relays = new Map<string, Set<Relay>>();
  readonly #watches = new Map<string, EndpointWatch>();
  readonly #full;
  readonly #own;
  #ownTrouble: string | undefined;
  #connections = 0;
  #sweep: ReturnType<typeof setInterval> | undefined;
  #stopped = false;
  #listener: Bun.TCPSocketListener<End> | undefined;

  constructor(options: TcpBalancerOptions) {
    this.#options = { ...options, log: options.log.with({ balancer: options.name }) };
    this.#timing = options.timing ?? defaultTiming;
    this.#full = troubleLog({
      log: this.#options.log,
      failing: "A balancer turns connections away",
      recovered: "A balancer takes connections again",
    });
    this.#own = troubleLog({
      log: this.#options.log,
      failing: "This host cannot open connections, which says nothing about the endpoints",
      recovered: "This host can open connections again",
    });
  }

  /** Throws a UserError when the port is taken. */
  start(endpoints: readonly string[]): void {
    this.listen();
    this.setEndpoints(endpoints);
    this.#sweep = setInterval(() => this.#closeIdle(), Math.min(this.#timing.firstByteMs, 15_000));
  }

  /** Gives the port up; existing connections go on. `listen` takes it again. */
  leavePort(): void {
    this.#listener?.stop(false);
    this.#listener = undefined;
  }

  /** Throws a UserError when the port is taken. */
  listen(): void {
    const { name, port, hostname = "127.0.0.1" } = this.#options;
    try {
      this.#listener = Bun.listen<End>({
        hostname,
        port,
        allowHalfOpen: true,
        socket: { ...relayHandlers, open: (socket) => this.#accept(socket) },
      });
    } catch (err) {
      if (errno(err) !== "EADDRINUSE") throw err;
      throw new UserError(
        `port ${port}, which the load balancer of ${name} needs, is in use on ${hostname}`,
        {
          code: "port-in-use",
          hint: "Stop what listens there, or choose another port in spec.network.nodeLocalLoadBalancing.",
          cause: err,
        },
      );
    }
  }

  get port(): number {
    return this.#listener?.port ?? this.#options.port;
  }

  /** An empty list is refused: it would cut the node off. */
  setEndpoints(addresses: readonly string[]): void {
    if (addresses.length === 0) return;
    const { added, gone } = this.#pool.replace(addresses);
    for (const address of gone) {
      this.#watches.get(address)?.stop();
      this.#watches.delete(address);
      this.#leave(address, Number.POSITIVE_INFINITY, "it left the cluster");
    }
    const { checks, log } = this.#options;
    for (const address of added) {
      const onFinding = (finding: Finding): void => this.#found(address, finding);
      this.#watches.set(address, watchEndpoint({ address, checks, timing: this.#timing, log, onFinding }));
    }
  }

  endpoints(): readonly (EndpointState & { readonly connections: number })[] {
    return this.#pool.list().map((state) => ({ ...state, connections: this.#count(state.address) }));
  }

  /** Why this host can open no connections; undefined while it can. */
  get ownTrouble(): string | undefined {
    return this.#ownTrouble;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#sweep);
    for (const watch of this.#watches.values()) watch.stop();
    this.#listener?.stop(true);
    this.#listener = undefined;
    for (const relays of this.#relays.values()) for (const relay of relays) relay.close();
  }

  #count(address: string): number {
    return this.#relays.get(address)?.size ?? 0;
  }

  #accept(socket: Bun.Socket<End>): void {
    const client = relayEnd(() => (this.#connections -= 1));
    client.socket = socket;
    socket.data = client;
    this.#connections += 1;
    if (this.#connections > this.#options.maxConnections) {
      this.#full.failed(new Error(`there are ${this.#options.maxConnections} already`));
      socket.terminate();
      return;
    }
    if (this.#connections < this.#options.maxConnections / 2) this.#full.worked();
    socket.setKeepAlive(true, this.#timing.keepAliveMs);
    // Nothing is read before there is somebody to pass it on to.
    socket.pause();
    this.#serve(client).catch((err: unknown) => {
      this.#options.log.error("Cannot serve a connection", { err: errorMessage(err) });
      client.socket?.terminate();
    });
  }

  async #serve(client: End): Promise<void> {
    for (const address of this.#pool.order()) {
      const server = await this.#connect(address);
      if (server === undefined) continue;
      if (client.socket === undefined || this.#stopped) {
        server.socket?.terminate();
        client.socket?.terminate();
        return;
      }
      this.#join(address, client, server);
      return;
    }
    client.socket?.terminate();
  }

  #join(address: string, client: End, server: End): void {
    const relays = this.#relays.get(address) ?? new Set();
    this.#relays.set(address, relays);
    const { firstByteMs, idleMs } = this.#timing;
    const relay = joinEnds(client, server, { firstByteMs, idleMs });
    relays.add(relay);
    const free = client.onClosed;
    client.onClosed = () => {
      free();
      relays.delete(relay);
    };
    // An endpoint that ends a connection by itself may be ending altogether.
    server.onEndedFirst = () => this.#watches.get(address)?.soon();
    // Closed between the connection and now.
    if (server.socket === undefined) relay.close();
  }

  /** Undefined when it cannot be reached now; a look tells whether it is down. */
  async #connect(address: string): Promise<End | undefined> {
    const end = relayEnd();
    let late = false;
    const attempt = Bun.connect<End>({
      ...splitHostPort(address),
      allowHalfOpen: true,
      data: end,
      socket: {
        ...relayHandlers,
        open: (socket) => {
          end.socket = socket;
          if (late) socket.terminate();
        },
      },
    }).then(
      () => true,
      () => false,
    );
    const connected = await Promise.race([attempt, Bun.sleep(this.#timing.connectMs).then(() => undefined)]);
    if (connected === true) {
      end.socket?.setNoDelay(true);
      end.socket?.setKeepAlive(true, this.#timing.keepAliveMs);
      return end;
    }
    late = true;
    if (connected === false) this.#found(address, { health: "down", why: "it refuses connections" });
    this.#watches.get(address)?.soon();
    return undefined;
  }

  #closeIdle(): void {
    const now = performance.now();
    for (const relays of this.#relays.values())
      for (const relay of relays) if (relay.isIdle(now)) relay.close();
  }

  #found(address: string, finding: Finding): void {
    if (this.#stopped) return;
    if (this.#isOurFault(address, finding)) return;
    const now = performance.now();
    const before = this.#pool.found(address, finding, now);
    if (before === undefined) return;
    if (before !== finding.health) this.#tell(address, finding);
    const leaving = this.#pool.leaving(address, this.#count(address), now);
    if (leaving > 0) this.#leave(address, leaving, finding.why);
  }

  /** A failure of this host says nothing about an endpoint: it stays what it was. */
  #isOurFault(address: string, { health }: Finding): boolean {
    const unreached = health === "down" || health === "not ready";
    const { hostname, port } = splitHostPort(address);
    const why = unreached ? (this.#options.ownTrouble ?? ownConnectTrouble)(hostname, port) : undefined;
    this.#ownTrouble = why;
    if (why === undefined) this.#own.worked();
    else this.#own.failed(new Error(why), { endpoint: address });
    return why !== undefined;
  }

  /** Slowness that passes is not worth telling. */
  #tell(address: string, { health, why }: Finding): void {
    const { log } = this.#options;
    const fields = { endpoint: address, health, ...(why === "" ? {} : { why }) };
    if (health === "slow") log.debug("An endpoint has changed", fields);
    else log.info("An endpoint has changed", fields);
  }

  #leave(address: string, count: number, why: string): void {
    const relays = [...(this.#relays.get(address) ?? [])].slice(0, count);
    if (relays.length > 0)
      this.#options.log.info("Connections to an endpoint are moved to others", {
        endpoint: address,
        why,
        connections: relays.length,
      });
    for (const relay of relays) relay.close();
  }
}
