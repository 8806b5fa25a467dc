// What an endpoint's answers say about it. Latency is not death: only the connection itself proves that (refused, or no
// answer of the host). Everything else means fewer connections, not the end of those that are there. docs/adr/0051.

import { describeFailure } from "../std/connection-failure.ts";
import { sleep } from "../std/wait.ts";

export type Health =
  | "well"
  /** It answers, late. It gets no new connections while another one is well. */
  | "slow"
  /** It says that it is not ready, or fails to answer in order: its connections leave little by little. */
  | "not ready"
  /** It takes connections and says nothing, as one that is frozen: likewise. */
  | "silent"
  /** It refuses connections, or its host does not answer: its connections are closed. */
  | "down";

export interface Finding {
  readonly health: Health;
  /** Why it is not well. */
  readonly why: string;
}

export interface EndpointChecks {
  /** Resolves when it says that it is ready; rejects when it says something else, or nothing can be said to it. */
  readonly probe: (address: string, signal: AbortSignal) => Promise<void>;
  /** Resolves once it takes a connection. */
  readonly reach: (address: string, signal: AbortSignal) => Promise<void>;
}

export interface CheckTiming {
  /** Answers that take longer are slow. */
  readonly slowMs: number;
  /** An endpoint that has not answered by then is silent; longer than `slowMs`. */
  readonly silentMs: number;
  /** How long a host may take to answer to a connection: lost packets are sent again after 1 and 3 s. */
  readonly reachMs: number;
}

/** One look at an endpoint. `onSlow` is called as soon as its answer is late. Rejects only when the signal aborts. */
export async function checkEndpoint(
  address: string,
  checks: EndpointChecks,
  options: { readonly timing: CheckTiming; readonly signal: AbortSignal; readonly onSlow: () => void },
): Promise<Finding> {
  const { timing, signal, onSlow } = options;
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const within = (ms: number, what: Promise<Finding>): Promise<Finding | undefined> =>
    Promise.race([what, sleep(ms, both).then(() => undefined)]);
  const reached = (): Promise<Finding | undefined> => reachable(address, checks, timing.reachMs, both);
  const answered = checks.probe(address, both).then(
    (): Finding => ({ health: "well", why: "" }),
    (err: unknown): Finding => {
      signal.throwIfAborted();
      return { health: "not ready", why: describeFailure(err) };
    },
  );
  try {
    const early = await within(timing.slowMs, answered);
    if (early?.health === "well") return early;
    if (early !== undefined) return (await reached()) ?? early;
    onSlow();
    const down = await reached();
    if (down !== undefined) return down;
    const late = await within(timing.silentMs - timing.slowMs, answered);
    if (late === undefined) return { health: "silent", why: `no answer in ${timing.silentMs / 1000} s` };
    return late.health === "well" ? { health: "slow", why: "its answers are slow" } : late;
  } finally {
    // Also the waits that lost their race; nothing listens to them any more.
    answered.catch(() => undefined);
    over.abort();
  }
}

/** Undefined when it can be reached. */
async function reachable(
  address: string,
  { reach }: EndpointChecks,
  ms: number,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  try {
    await reach(address, AbortSignal.any([signal, AbortSignal.timeout(ms)]));
    return undefined;
  } catch (err) {
    signal.throwIfAborted();
    return { health: "down", why: describeFailure(err) };
  }
}
