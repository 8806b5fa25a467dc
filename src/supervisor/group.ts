// A group of components with one life cycle: initialised together, each started as soon as what it depends on is
// ready, stopped in reverse order of readiness. Upstream: pkg/component/manager/manager.go, which starts one after
// the other.

import type { ClusterConfig } from "../config/cluster-config.ts";
import { errorMessage, UserError } from "../std/errors.ts";
import { flapHistory } from "../std/flapping.ts";
import type { Logger } from "../std/log.ts";
import type { Component, ComponentState, ComponentStatus, ProcessEvent } from "./component.ts";
import { createGroupEvents, type GroupEvents } from "./events.ts";
import { assertStartable, namesOf } from "./dependencies.ts";
import { atMost } from "../os/patience.ts";
import type { HealthCheck } from "./health-prober.ts";
import type { LogLevelChange } from "./log-level.ts";
import { aliveStates, type Member, memberStatus } from "./member.ts";
import type { Preview } from "./preview.ts";
import { previewMembers, reconcileMembers, type Reconciling } from "./reconcile-members.ts";
import { awaitReady, NotReadyError, type ReadinessPatience } from "./readiness.ts";
import { awaitRecovery } from "./recovery.ts";

export interface ComponentGroupOptions {
  readonly name: string;
  readonly components: readonly Component[];
  readonly log: Logger;
  /** How long a component that is not ready yet may stand still, see start-progress.ts; default 2 min. */
  readonly readyTimeoutMs?: number;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
}

/** How long a stop waits for a start or a reconcile that was aborted. */
const patienceMs = 5_000;
const mutePatienceMs = 15 * 60_000;

export class ComponentGroup {
  readonly name: string;
  readonly #log: Logger;
  readonly #events: ReturnType<typeof createGroupEvents>;
  readonly #options: ComponentGroupOptions;
  readonly #members: ReadonlyMap<string, Member>;
  /** In the order to stop in, last first: started ones move to the end when they become ready. */
  readonly #stopOrder: Member[] = [];
  readonly #abort = new AbortController();
  #config: ClusterConfig | undefined;
  #reconciling: Promise<void> = Promise.resolve();
  #starting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: ComponentGroupOptions) {
    assertStartable(options.components);
    this.name = options.name;
    this.#log = options.log;
    this.#events = createGroupEvents(options.log);
    this.#options = options;
    this.#members = new Map(
      options.components.map((component) => [
        component.name,
        { component, state: "created", since: new Date(), ends: flapHistory() },
      ]),
    );
    for (const member of this.#all) {
      const { name: component } = member.component;
      member.component.observe?.((event) => {
        if (event.kind === "waiting") this.#events.tell({ component, ...event });
        else this.#onProcessEvent(member, event);
      });
    }
  }

  /** What happens, in order. */
  get events(): GroupEvents {
    return this.#events;
  }

  /** Initialises all components concurrently; the first error aborts the others and rejects. */
  async init(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const abort = AbortSignal.any([signal, this.#abort.signal, failed.signal]);
    const initOne = async (member: Member): Promise<void> => {
      abort.throwIfAborted();
      try {
        await member.component.init?.(abort);
      } catch (err) {
        throw componentError(member.component, "initialise", err);
      }
      this.#enter(member, "initialized");
    };
    await Promise.allSettled(this.#all.map((member) => this.#orFail(member, initOne(member), abort, failed)));
    abort.throwIfAborted();
  }

  /** Starts everything; resolves when all are ready. On failure or abort everything is stopped before it rejects. */
  start(signal: AbortSignal): Promise<void> {
    if (this.#starting !== undefined) throw new Error(`${this.name} is already started`);
    this.#starting = this.#startAll(signal);
    return this.#starting;
  }

  /** Hands a configuration to every running component in order, to others before they start; rejects if one does not run with it. */
  reconcile(config: ClusterConfig, signal: AbortSignal): Promise<void> {
    this.#config = config;
    const round = this.#reconciling.then(() => this.#reconcileAll(config, signal));
    this.#reconciling = round.catch(() => undefined);
    return round;
  }

  /** What `reconcile` would do, by component, of those that can tell; undefined: nothing. */
  preview(config: ClusterConfig): Promise<ReadonlyMap<string, Preview | undefined>> {
    return previewMembers(this.#all, config);
  }

  /** Stops everything that was started, one after the other; errors are logged and thrown together at the end. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  /** In registration order. */
  statuses(): readonly ComponentStatus[] {
    return this.#all.map((member) => this.#status(member));
  }

  /** Begins a component's work again and waits until it is ready; nothing happens unless it was ready and can do that. */
  async restart(name: string, signal: AbortSignal): Promise<void> {
    const member = this.#members.get(name);
    if (member?.started !== true || member.component.restart === undefined) return;
    const abort = AbortSignal.any([signal, this.#abort.signal]);
    const restartsBefore = member.component.inspect?.().restarts ?? 0;
    await member.component.restart();
    await awaitReady(member.component, abort, { ...this.#patience(member), restartsBefore });
  }

  /** Undefined if there is no such component here, or it has no process of its own; else as Component.setLogLevel. */
  setLogLevel(name: string, change: LogLevelChange): boolean | undefined {
    return this.#members.get(name)?.component.setLogLevel?.(change);
  }

  /** The result of a component's health check: `error` makes a ready one unhealthy, null makes it ready again. */
  judge(name: string, error: string | null): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    if (error === null && member.state === "unhealthy") this.#enterReady(member);
    if (error === null || (member.state !== "ready" && member.state !== "unhealthy")) return;
    member.lastError = error;
    if (member.state === "ready") this.#enterDown(member, "unhealthy");
  }

  /** Of those that were ready when last seen and have one. */
  healthChecks(): readonly HealthCheck[] {
    return this.#all.flatMap(({ component, state }) => {
      const check = component.health?.bind(component);
      return (state === "ready" || state === "unhealthy") && check !== undefined
        ? [{ name: component.name, check }]
        : [];
    });
  }

  #now(): number {
    return (this.#options.now ?? (() => performance.now()))();
  }

  get #all(): readonly Member[] {
    return [...this.#members.values()];
  }

  async #startAll(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const abort = AbortSignal.any([signal, this.#abort.signal, failed.signal]);
    const ready = new Map<string, Promise<void>>();
    const startOne = async (member: Member): Promise<void> => {
      await Promise.all(namesOf(member.component.dependsOn).map((name) => readyOf(name)));
      await this.#startMember(member, abort);
    };
    const readyOf = (name: string): Promise<void> => {
      const known = ready.get(name);
      if (known !== undefined) return known;
      const member = this.#members.get(name);
      if (member === undefined) return Promise.resolve();
      const promise = this.#orFail(member, startOne(member), abort, failed);
      ready.set(name, promise);
      return promise;
    };
    await Promise.allSettled(this.#all.map((member) => readyOf(member.component.name)));
    if (!abort.aborted) return;
    // Already logged there; what made us stop matters more.
    await this.stop().catch(() => undefined);
    abort.throwIfAborted();
  }

  /** The first failure that is not an abort is what the whole group fails with. */
  async #orFail(
    member: Member,
    work: Promise<void>,
    abort: AbortSignal,
    failed: AbortController,
  ): Promise<void> {
    try {
      await work;
    } catch (err) {
      if (!abort.aborted) {
        this.#fail(member, err);
        failed.abort(err);
      }
      throw err;
    }
  }

  async #startMember(member: Member, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#stopOrder.push(member);
    this.#enter(member, "starting");
    if (member.component.reconcile !== undefined) await this.#reconcileOne(member, signal);
    const { component } = member;
    try {
      member.starting = component.start(signal);
      await member.starting;
    } catch (err) {
      throw componentError(component, "start", err);
    }
    signal.throwIfAborted();
    if (member.state === "starting") this.#enter(member, "running");
    const ready = await this.#readyOrNotNeeded(member, signal);
    signal.throwIfAborted();
    this.#stopOrder.splice(this.#stopOrder.indexOf(member), 1);
    this.#stopOrder.push(member);
    member.started = true;
    // Without a readiness check nobody has noticed yet that its process ends again and again.
    const down = member.state === "backing-off" && component.ready === undefined;
    if (!ready || down || component.inspect?.().retryAt !== undefined) this.#recover(member);
    else this.#enterReady(member);
    this.#reconcileLate(member, signal);
  }

  /** False: it was given up, but nobody waits for it, so the others go on; it stays supervised. */
  async #readyOrNotNeeded(member: Member, signal: AbortSignal): Promise<boolean> {
    const { component } = member;
    try {
      await awaitReady(component, signal, this.#patience(member));
      return true;
    } catch (err) {
      const needed = this.#all.some((other) => namesOf(other.component.dependsOn).includes(component.name));
      if (needed || !(err instanceof NotReadyError)) throw err;
      member.downSince = new Date();
      member.lastError ??= err.message;
      this.#log.error("A component does not become ready, going on without it", {
        component: component.name,
        err: err.message,
      });
      return false;
    }
  }

  #patience({ component }: Member): ReadinessPatience {
    const { readyTimeoutMs = 120_000 } = this.#options;
    // Nobody can see the progress of what has no process and tells nothing about itself.
    const quietMs =
      component.inspect === undefined ? Math.max(readyTimeoutMs, mutePatienceMs) : readyTimeoutMs;
    return { log: this.#log, quietMs };
  }

  #onProcessEvent(member: Member, event: ProcessEvent): void {
    if (!aliveStates.has(member.state)) return;
    this.#events.tell({ kind: "process", component: member.component.name, event });
    if (event.kind === "started") {
      if (member.started === true) this.#recover(member);
      return;
    }
    member.recovery?.abort();
    if (event.kind === "ended") {
      // One that is not ready yet is shown as such anyway, and what it waits for may be to blame.
      if (member.state === "ready" || member.state === "unhealthy") member.ends.failed(this.#now());
      member.lastError = event.how;
      this.#enterDown(member, "backing-off");
    } else if (member.started === true) this.#enterDown(member, "running");
  }

  /** Follows a process that was started again until the component is ready. */
  #recover(member: Member): void {
    member.recovery?.abort();
    member.recovery = new AbortController();
    const signal = AbortSignal.any([member.recovery.signal, this.#abort.signal]);
    awaitRecovery(member.component, signal).then(
      () => {
        // Its process may have ended, or the group, since its last look.
        if (!signal.aborted) this.#enterReady(member);
      },
      (err: unknown) => {
        if (signal.aborted) return;
        this.#log.error("Cannot follow the recovery of a component", {
          component: member.component.name,
          err,
        });
      },
    );
  }

  #enterDown(member: Member, state: "unhealthy" | "backing-off" | "running"): void {
    if (member.started === true) member.downSince ??= new Date();
    this.#enter(member, state);
  }

  #enterReady(member: Member): void {
    delete member.downSince;
    delete member.lastError;
    this.#enter(member, "ready");
  }

  /** A configuration that has come since the component began to start; its failure is like one of a later change. */
  #reconcileLate(member: Member, signal: AbortSignal): void {
    if (this.#config === undefined || member.component.reconcile === undefined) return;
    this.#reconciling = this.#reconciling.then(() => this.#reconcileOne(member, signal));
  }

  async #reconcileOne(member: Member, signal: AbortSignal): Promise<void> {
    const config = this.#config;
    if (config === undefined || member.config === config) return;
    for (const err of await reconcileMembers([member], this.#round(config, signal)))
      this.#log.error("Component did not adopt the configuration", { err });
  }

  async #reconcileAll(config: ClusterConfig, signal: AbortSignal): Promise<void> {
    const errors = await reconcileMembers(
      this.#all.filter(({ started }) => started === true),
      this.#round(config, signal),
    );
    signal.throwIfAborted();
    if (errors.length > 0) throw new Error(errors.join("\n"));
  }

  #round(config: ClusterConfig, signal: AbortSignal): Reconciling {
    const abort = AbortSignal.any([signal, this.#abort.signal]);
    return { config, signal: abort, patience: (member) => this.#patience(member) };
  }

  async #stopAll(): Promise<void> {
    this.#abort.abort(new Error(`${this.name} is being stopped`));
    // A component that does not heed the abort cannot hold up the end of everything.
    await atMost(patienceMs, this.#reconciling);
    const errors: unknown[] = [];
    for (let member = this.#stopOrder.pop(); member !== undefined; member = this.#stopOrder.pop()) {
      const error = await this.#stopMember(member);
      if (error !== undefined) errors.push(error);
    }
    if (errors.length > 0) throw stopError(errors);
  }

  /** Returns what went wrong, with the name of the component. */
  async #stopMember(member: Member): Promise<unknown> {
    const failed = member.state === "failed";
    if (!failed) this.#enter(member, "stopping");
    const { name } = member.component;
    try {
      await atMost(patienceMs, member.starting ?? Promise.resolve());
      await member.component.stop();
      if (!failed) this.#enter(member, "stopped");
      return undefined;
    } catch (err) {
      this.#log.error("Component did not stop properly", { component: name, err: errorMessage(err) });
      this.#fail(member, err);
      return stopError([err], `${name}: `);
    }
  }

  #fail(member: Member, err: unknown): void {
    member.lastError = errorMessage(err);
    this.#enter(member, "failed");
  }

  #enter(member: Member, state: ComponentState): void {
    member.state = state;
    member.since = new Date();
    this.#events.tell({ kind: "state", status: this.#status(member) });
  }

  #status(member: Member): ComponentStatus {
    return memberStatus(member, this.#missing(member), new Date(), this.#now());
  }

  /** What it waits for before it is started. */
  #missing({ component, state }: Member): readonly string[] {
    if (state !== "created" && state !== "initialized") return [];
    return namesOf(component.dependsOn).filter((name) => this.#members.get(name)?.started !== true);
  }
}

/** What a user can put right says so by itself; everything else is told with its component's name. */
function componentError(component: Component, verb: string, err: unknown): Error {
  if (err instanceof UserError) return err;
  return new Error(`${component.name} failed to ${verb}: ${errorMessage(err)}`, { cause: err });
}

/** All of them in one; what users can put right keeps its hint. */
function stopError(errors: readonly unknown[], prefix = ""): Error {
  const text = prefix + errors.map(errorMessage).join("\n");
  const mendable = errors.filter((err) => err instanceof UserError);
  if (mendable.length < errors.length) return new Error(text);
  const [{ code, hint } = new UserError(text)] = mendable;
  return new UserError(text, { code, ...(hint === undefined ? {} : { hint }) });
}
