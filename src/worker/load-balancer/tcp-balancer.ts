// A TCP load balancer on the loopback interface: each connection goes to a healthy endpoint, and is closed when that
// endpoint dies or leaves, so that the client comes back and reaches another one. Reference §12.3.

import { errno, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { EndpointPool, type EndpointState } from "./endpoint-pool.ts";
import { type End, joinEnds, type Relay, relayEnd, relayHandlers } from "./relay.ts";

export interface TcpBalancerOptions {
  /** What it balances, for log and errors. */
  readonly name: string;
  readonly port: number;
  readonly hostname?: string;
  /** Resolves when the endpoint is well; rejects when it is not. */
  readonly probe: (address: string, signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
  readonly timing?: BalancerTiming;
}

export interface BalancerTiming {
  readonly connectMs: number;
  readonly probeEveryMs: number;
  readonly probeMs: number;
}

const defaultTiming: BalancerTiming = { connectMs: 1_000, probeEveryMs: 3_000, probeMs: 2_000 };

export class TcpBalancer {
  readonly #options: TcpBalancerOptions;
  readonly #timing: BalancerTiming;
  readonly #pool = new EndpointPool();
  readonly #relays = new Map<string, Set<Relay>>();
  readonly #stopping = new AbortController();
  #listener: Bun.TCPSocketListener<End> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: TcpBalancerOptions) {
    this.#options = options;
    this.#timing = options.timing ?? defaultTiming;
  }

  /** Throws a UserError when the port is taken. */
  start(endpoints: readonly string[]): void {
    this.setEndpoints(endpoints);
    const { name, port, hostname = "127.0.0.1" } = this.#options;
    try {
      this.#listener = Bun.listen<End>({
        hostname,
        port,
        allowHalfOpen: true,
        socket: { ...relayHandlers, open: (socket) => void this.#serve(socket) },
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
    this.#timer = setInterval(() => this.#probeAll(), this.#timing.probeEveryMs);
    this.#probeAll();
  }

  get port(): number {
    return this.#listener?.port ?? this.#options.port;
  }

  /** An empty list is refused: it would cut the node off. */
  setEndpoints(addresses: readonly string[]): void {
    if (addresses.length === 0) return;
    for (const gone of this.#pool.replace(addresses)) this.#closeRelays(gone, "it left the cluster");
  }

  endpoints(): readonly (EndpointState & { readonly connections: number })[] {
    return this.#pool
      .list()
      .map((state) => ({ ...state, connections: this.#relays.get(state.address)?.size ?? 0 }));
  }

  stop(): void {
    this.#stopping.abort();
    clearInterval(this.#timer);
    this.#listener?.stop(true);
    this.#listener = undefined;
    for (const relays of this.#relays.values()) for (const relay of relays) relay.close();
  }

  async #serve(socket: Bun.Socket<End>): Promise<void> {
    const client = relayEnd();
    client.socket = socket;
    socket.data = client;
    // Nothing is read before there is somebody to pass it on to.
    socket.pause();
    for (const address of this.#pool.order()) {
      const server = await this.#connect(address);
      if (server === undefined) continue;
      if (client.socket === undefined || this.#stopping.signal.aborted) return server.socket?.terminate();
      return this.#join(address, client, server);
    }
    socket.terminate();
  }

  #join(address: string, client: End, server: End): void {
    const relays = this.#relays.get(address) ?? new Set();
    this.#relays.set(address, relays);
    const relay = joinEnds(client, server);
    relays.add(relay);
    client.onClosed = () => relays.delete(relay);
    // Closed between the connection and now.
    if (server.socket === undefined) relay.close();
  }

  /** Undefined when it cannot be reached. */
  async #connect(address: string): Promise<End | undefined> {
    const { hostname, port } = new URL(`tcp://${address}`);
    const end = relayEnd();
    let late = false;
    const attempt = Bun.connect<End>({
      hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(port),
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
      return end;
    }
    late = true;
    this.#failed(address, connected === false ? "it refuses connections" : "it does not answer", true);
    return undefined;
  }

  #probeAll(): void {
    for (const { address } of this.#pool.list()) void this.#probe(address);
  }

  async #probe(address: string): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(this.#timing.probeMs)]);
    try {
      await this.#options.probe(address, signal);
      const wasHealthy = this.#pool.list().find((state) => state.address === address)?.healthy;
      this.#pool.succeeded(address);
      if (wasHealthy === false) this.#log("An endpoint is well again", { endpoint: address });
    } catch (err) {
      if (!this.#stopping.signal.aborted)
        this.#failed(address, err instanceof Error ? err.message : String(err), false);
    }
  }

  #failed(address: string, why: string, sure: boolean): void {
    if (this.#pool.failed(address, { sure })) this.#closeRelays(address, why);
  }

  #closeRelays(address: string, why: string): void {
    const relays = this.#relays.get(address);
    this.#relays.delete(address);
    this.#log("Connections to an endpoint are moved to others", {
      endpoint: address,
      why,
      connections: relays?.size ?? 0,
    });
    for (const relay of relays ?? []) relay.close();
  }

  #log(message: string, fields: Record<string, unknown>): void {
    this.#options.log.info(message, { balancer: this.#options.name, ...fields });
  }
}
