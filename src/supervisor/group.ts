// A group of components with one life cycle: initialised together, each started as soon as what it depends on is
// ready, stopped in reverse order of readiness. Upstream: pkg/component/manager/manager.go, which starts one after
// the other; reference §6.2.

import type { ClusterConfig } from "../config/cluster-config.ts";
import { errorMessage, UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { Component, ComponentState, ComponentStatus } from "./component.ts";
import { assertStartable } from "./dependencies.ts";
import { awaitReady } from "./readiness.ts";

export interface ComponentGroupOptions {
  readonly name: string;
  readonly components: readonly Component[];
  readonly log: Logger;
  /** Called after every change of state. */
  readonly onChange?: (status: ComponentStatus) => void;
  /** How long one component may take to become ready; default 2 min. */
  readonly readyTimeoutMs?: number;
}

interface Member {
  readonly component: Component;
  state: ComponentState;
  since: Date;
  lastError?: string;
}

export class ComponentGroup {
  readonly name: string;
  readonly #log: Logger;
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
    this.#options = options;
    this.#members = new Map(
      options.components.map((component) => [
        component.name,
        { component, state: "created", since: new Date() },
      ]),
    );
  }

  /** Initialises all components concurrently; the first error aborts the others and rejects. */
  async init(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const abort = AbortSignal.any([signal, this.#abort.signal, failed.signal]);
    const results = await Promise.allSettled(
      this.#all.map(async (member) => {
        try {
          abort.throwIfAborted();
          await member.component.init?.(abort);
          this.#enter(member, "initialized");
        } catch (err) {
          if (!abort.aborted) this.#fail(member, err);
          failed.abort(abort.reason ?? err);
          throw componentError(member.component, "initialise", err);
        }
      }),
    );
    signal.throwIfAborted();
    throwFirst(results, failed.signal);
  }

  /** Starts everything; resolves when all are ready. On failure or abort everything is stopped before it rejects. */
  start(signal: AbortSignal): Promise<void> {
    if (this.#starting !== undefined) throw new Error(`${this.name} is already started`);
    this.#starting = this.#startAll(signal);
    return this.#starting;
  }

  /** Hands a configuration to every running component in order; those that start later get it when they are ready. */
  reconcile(config: ClusterConfig, signal: AbortSignal): Promise<void> {
    this.#config = config;
    const round = this.#reconciling.then(() => this.#reconcileAll(config, signal));
    this.#reconciling = round.catch(() => undefined);
    return round;
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

  get #all(): readonly Member[] {
    return [...this.#members.values()];
  }

  async #startAll(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const abort = AbortSignal.any([signal, this.#abort.signal, failed.signal]);
    const ready = new Map<string, Promise<void>>();
    const startOne = async (member: Member): Promise<void> => {
      try {
        await Promise.all((member.component.dependsOn ?? []).map((name) => readyOf(name)));
        await this.#startMember(member, abort);
      } catch (err) {
        if (!abort.aborted) {
          this.#fail(member, err);
          failed.abort(err);
        }
        throw err;
      }
    };
    const readyOf = (name: string): Promise<void> => {
      const known = ready.get(name);
      if (known !== undefined) return known;
      const member = this.#members.get(name);
      const promise = member === undefined ? Promise.resolve() : startOne(member);
      ready.set(name, promise);
      return promise;
    };
    const results = await Promise.allSettled(this.#all.map((member) => readyOf(member.component.name)));
    if (!abort.aborted) return;
    await this.stop().catch(() => undefined); // Already logged; what made us stop matters more.
    signal.throwIfAborted();
    this.#abort.signal.throwIfAborted();
    throwFirst(results, failed.signal);
  }

  async #startMember(member: Member, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#stopOrder.push(member);
    this.#enter(member, "starting");
    const { component } = member;
    try {
      await component.start(signal);
    } catch (err) {
      throw componentError(component, "start", err);
    }
    signal.throwIfAborted();
    this.#enter(member, "running");
    await awaitReady(component, signal, this.#options.readyTimeoutMs ?? 120_000);
    signal.throwIfAborted();
    this.#stopOrder.splice(this.#stopOrder.indexOf(member), 1);
    this.#stopOrder.push(member);
    this.#enter(member, "ready");
    if (this.#config !== undefined) await this.reconcileLate(member, this.#config, signal);
  }

  private async reconcileLate(member: Member, config: ClusterConfig, signal: AbortSignal): Promise<void> {
    const round = this.#reconciling.then(() => member.component.reconcile?.(config, signal));
    this.#reconciling = round.catch(() => undefined);
    await round;
  }

  async #reconcileAll(config: ClusterConfig, signal: AbortSignal): Promise<void> {
    const errors: string[] = [];
    for (const member of this.#all.filter(({ state }) => state === "ready")) {
      signal.throwIfAborted();
      try {
        await member.component.reconcile?.(config, signal);
      } catch (err) {
        errors.push(`${member.component.name}: ${errorMessage(err)}`);
      }
    }
    if (errors.length > 0) throw new Error(errors.join("\n"));
  }

  async #stopAll(): Promise<void> {
    this.#abort.abort(new Error(`${this.name} is being stopped`));
    await Promise.allSettled([this.#reconciling]);
    const errors: string[] = [];
    for (let member = this.#stopOrder.pop(); member !== undefined; member = this.#stopOrder.pop()) {
      const failed = member.state === "failed";
      if (!failed) this.#enter(member, "stopping");
      try {
        await member.component.stop();
        if (!failed) this.#enter(member, "stopped");
      } catch (err) {
        this.#log.error("Component did not stop properly", {
          component: member.component.name,
          err: errorMessage(err),
        });
        this.#fail(member, err);
        errors.push(`${member.component.name}: ${errorMessage(err)}`);
      }
    }
    if (errors.length > 0) throw new Error(errors.join("\n"));
  }

  #fail(member: Member, err: unknown): void {
    member.lastError = errorMessage(err);
    this.#enter(member, "failed");
  }

  #enter(member: Member, state: ComponentState): void {
    member.state = state;
    member.since = new Date();
    this.#options.onChange?.(this.#status(member));
  }

  #status(member: Member): ComponentStatus {
    const { component, state, since, lastError } = member;
    const details = component.inspect?.() ?? {};
    const waitingFor = this.#waitingFor(member) ?? (state === "running" ? details.waitingFor : undefined);
    return {
      name: component.name,
      state,
      since,
      restarts: details.restarts ?? 0,
      ...(details.pid === undefined ? {} : { pid: details.pid }),
      ...(lastError === undefined ? {} : { lastError }),
      ...(waitingFor === undefined ? {} : { waitingFor }),
    };
  }

  #waitingFor({ component, state }: Member): string | undefined {
    if (state !== "created" && state !== "initialized") return undefined;
    const missing = (component.dependsOn ?? []).filter((name) => this.#members.get(name)?.state !== "ready");
    return missing.length === 0 ? undefined : missing.join(", ");
  }
}

/** Keeps what a user can mend as it is, but says which component it was. */
function componentError(component: Component, verb: string, err: unknown): Error {
  const message = `${component.name} failed to ${verb}: ${errorMessage(err)}`;
  if (!(err instanceof UserError)) return new Error(message, { cause: err });
  return new UserError(message, {
    code: err.code,
    cause: err,
    ...(err.hint === undefined ? {} : { hint: err.hint }),
  });
}

/** The error that made the others stop, else the first one. */
function throwFirst(results: readonly PromiseSettledResult<void>[], failed: AbortSignal): void {
  if (failed.aborted && failed.reason instanceof Error) throw failed.reason;
  const rejected = results.find((result) => result.status === "rejected");
  if (rejected !== undefined) throw rejected.reason;
}
