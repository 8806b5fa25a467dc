// The way to the container runtime of a node that more than one part of k0s goes: what one of them has been told of its settings
// the others need not ask again.

import { criClient, type RuntimeFacts } from "./cri.ts";

type CriClient = ReturnType<typeof criClient>;

interface SharedFacts {
  /** As it has said half a minute ago at most. */
  readonly facts: (signal: AbortSignal) => Promise<RuntimeFacts>;
  /** What it has said last, to any of them; undefined if that failed. */
  readonly lastFacts: () => RuntimeFacts | undefined;
}

export interface RuntimeAccess extends SharedFacts {
  /** To be disposed. */
  connect(): CriClient;
}

interface SharedFactsOptions {
  readonly connect: () => Pick<CriClient, "facts"> & Disposable;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
}

/** Shorter than the pauses of those who ask, or each of them would now and then just miss it. */
const freshMs = 25_000;
const limitMs = 10_000;

/** `socket`: a path or URL. */
export function runtimeAccess(socket: string): RuntimeAccess {
  const connect = (): CriClient => criClient(socket);
  return { connect, ...sharedFacts({ connect }) };
}

export function sharedFacts({ connect, now = () => performance.now() }: SharedFactsOptions): SharedFacts {
  let known: { readonly facts: RuntimeFacts; readonly at: number } | undefined;
  return {
    async facts(signal) {
      if (known !== undefined && now() - known.at < freshMs) return known.facts;
      const before = known;
      try {
        using client = connect();
        const facts = await client.facts({ signal, timeoutMs: limitMs });
        known = { facts, at: now() };
        return facts;
      } catch (err) {
        // It may have answered somebody who asked later.
        if (known === before) known = undefined;
        throw err;
      }
    },
    lastFacts: () => known?.facts,
  };
}
