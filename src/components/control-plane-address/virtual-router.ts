// One VRRP instance at work: hears and sends advertisements, and holds the virtual addresses while it is the master.

import { networkInterfaces } from "node:os";
import { openRawSocket, type RawPacket, type RawSocket, sendFrames } from "../../os/raw-socket.ts";
import { errorMessage } from "../../std/errors.ts";
import { type Logger, unfailing } from "../../std/log.ts";
import { createLoop, type Loop } from "../../std/loop.ts";
import { type Advertisement, decodeAdvertisement, encodeAdvertisement } from "./advertisement.ts";
import {
  beginElection,
  type ElectionSettings,
  type ElectionState,
  type ElectionStep,
  nextDue,
  onAdvertisement,
  onTime,
} from "./election.ts";
import { gratuitousArp } from "./gratuitous-arp.ts";

export interface VirtualRouterSettings {
  readonly interface: string;
  /** Own address, dotted. */
  readonly address: string;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly intervalSeconds: number;
  readonly password: string;
  /** With prefix, as they are added to the interface. */
  readonly virtualIps: readonly string[];
  /** Empty: multicast. */
  readonly unicastPeers: readonly string[];
}

/** How addresses come to the interface and go from it. */
export interface AddressKeeper {
  /** Adds it, or prolongs its stay: it goes by itself when nobody asks for it any more. */
  keep(cidr: string, link: string): Promise<void>;
  remove(cidr: string, link: string): Promise<void>;
}

const protocolNumber = 112;
const group = "224.0.0.18";
const keepEveryMs = 2_000;

export class VirtualRouter {
  readonly #settings: VirtualRouterSettings;
  readonly #election: ElectionSettings;
  readonly #addresses: AddressKeeper;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #socket: RawSocket | undefined;
  #state: ElectionState;
  #parts: readonly Loop[] = [];
  #work: Promise<unknown> = Promise.resolve();
  #changes: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #strangers = new Set<string>();

  constructor(settings: VirtualRouterSettings, addresses: AddressKeeper, log: Logger) {
    this.#settings = settings;
    this.#addresses = addresses;
    this.#log = unfailing(log).with({ virtualIps: settings.virtualIps.join(",") });
    const { priority, intervalSeconds, address } = settings;
    this.#election = { priority, intervalMs: intervalSeconds * 1000, address };
    this.#state = beginElection(this.#election, performance.now());
  }

  get isMaster(): boolean {
    return this.#state.role === "master";
  }

  /** Opens the socket; throws when that is not possible. */
  async start(): Promise<void> {
    const { interface: name, unicastPeers, address } = this.#settings;
    this.#socket = openRawSocket({
      protocol: protocolNumber,
      interface: name,
      ...(unicastPeers.length > 0 ? { source: address } : { group }),
    });
    // A killed one may have left them; the present master has them too.
    await this.#release();
    this.#state = beginElection(this.#election, performance.now());
    this.#schedule();
    const socket = this.#socket;
    const parts = [
      createLoop({
        name: "hearing the other controllers",
        log: this.#log,
        everyMs: 0,
        lasting: true,
        // A link that goes down is an error once; afterwards nothing comes until it is up again.
        backoff: { firstMs: 1_000, longestMs: 5_000 },
        round: () => this.#hear(socket),
      }),
      createLoop({
        name: "keeping the virtual addresses",
        log: this.#log,
        everyMs: keepEveryMs,
        backoff: { firstMs: keepEveryMs / 2, longestMs: keepEveryMs },
        round: (signal) => this.#keepAddresses(signal),
      }),
    ];
    this.#parts = parts;
    this.#work = Promise.all(parts.map((part) => part.run(this.#stopping.signal)));
  }

  /** Throws when it has not been at work for long. */
  health(): void {
    for (const part of this.#parts) part.health();
  }

  /** Gives the addresses up and says so, so that another one takes over at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    const wasMaster = this.isMaster;
    await this.#work;
    await this.#changes;
    await this.#release();
    if (wasMaster) this.#send(0);
    this.#socket?.close();
    this.#socket = undefined;
  }

  async #hear(socket: RawSocket): Promise<void> {
    const packet = await socket.receive();
    const heard = packet === undefined ? undefined : this.#accepted(packet);
    if (packet === undefined || heard === undefined || this.#stopping.signal.aborted) return;
    const from = { priority: heard.priority, address: packet.source };
    this.#adopt(onAdvertisement(this.#state, this.#election, from, performance.now()));
  }

  /** What concerns this router; a foreign one with the same number is logged once. */
  #accepted({ source, timeToLive, data }: RawPacket): Advertisement | undefined {
    const { virtualRouterId, password, unicastPeers, address } = this.#settings;
    if (source === address || timeToLive !== 255) return undefined;
    if (unicastPeers.length > 0 && !unicastPeers.includes(source)) return undefined;
    const heard = decodeAdvertisement(data);
    if (heard === undefined || heard.virtualRouterId !== virtualRouterId) return undefined;
    if (heard.password === password) return heard;
    if (!this.#strangers.has(source))
      this.#log.warn("Another router uses the same virtual router id with another password", {
        source,
        virtualRouterId,
      });
    this.#strangers.add(source);
    return undefined;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopping.signal.aborted) return;
    const inMs = Math.max(0, nextDue(this.#state) - performance.now());
    this.#timer = setTimeout(() => this.#adopt(onTime(this.#state, this.#election, performance.now())), inMs);
  }

  #adopt({ state, actions }: ElectionStep): void {
    this.#state = state;
    for (const action of actions) {
      if (action === "advertise") this.#send(this.#election.priority);
      if (action === "announce") this.#announceTwice();
      if (action === "take") this.#become("master", () => this.#take());
      if (action === "release") this.#become("backup", () => this.#release());
    }
    this.#schedule();
  }

  /** Changes of the interface come one after the other, in the order of the decisions. */
  #become(role: string, change: () => Promise<void>): void {
    this.#log.info("This controller's role for the virtual addresses has changed", { role });
    this.#changes = this.#changes.then(change).catch((err: unknown) => {
      this.#log.error("Cannot change the virtual addresses", { role, err: errorMessage(err) });
    });
  }

  async #take(): Promise<void> {
    const { virtualIps, interface: link } = this.#settings;
    for (const cidr of virtualIps) await this.#addresses.keep(cidr, link);
    this.#announceTwice();
  }

  /** Once more when the last of those that were busy listens, or that had it wrong has given up. */
  #announceTwice(): void {
    this.#announce();
    setTimeout(() => this.#announce(), 1_000).unref();
  }

  async #release(): Promise<void> {
    const { virtualIps, interface: link } = this.#settings;
    for (const cidr of virtualIps) await this.#addresses.remove(cidr, link);
  }

  async #keepAddresses(signal: AbortSignal): Promise<void> {
    const { virtualIps, interface: link } = this.#settings;
    const keeping = this.#changes.then(async () => {
      for (const cidr of this.isMaster && !signal.aborted ? virtualIps : [])
        await this.#addresses.keep(cidr, link);
    });
    this.#changes = keeping.catch(() => undefined);
    await keeping;
  }

  #announce(): void {
    if (!this.isMaster || this.#stopping.signal.aborted) return;
    const { virtualIps, interface: link } = this.#settings;
    const hardware = networkInterfaces()[link]?.[0]?.mac;
    if (hardware === undefined) return;
    const frames = virtualIps.flatMap((cidr) => gratuitousArp(hardware, withoutPrefix(cidr)));
    this.#attempt(() => sendFrames(link, frames));
  }

  #send(priority: number): void {
    const { virtualRouterId, intervalSeconds, virtualIps, password, unicastPeers } = this.#settings;
    const addresses = virtualIps.map(withoutPrefix);
    const packet = encodeAdvertisement({ virtualRouterId, priority, intervalSeconds, addresses, password });
    for (const to of unicastPeers.length > 0 ? unicastPeers : [group])
      this.#attempt(() => this.#socket?.send(to, packet));
  }

  /** A link that is down does not end it: it may come back. */
  #attempt(send: () => void): void {
    try {
      send();
    } catch (err) {
      this.#log.debug("Cannot send", { err: errorMessage(err) });
    }
  }
}

function withoutPrefix(cidr: string): string {
  return cidr.replace(/\/.*/, "");
}
