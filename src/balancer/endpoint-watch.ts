// Looks at one endpoint again and again: rarely while it is well, soon when there are signs that it is down.

import type { Logger } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import { type CheckTiming, checkEndpoint, type EndpointChecks, type Finding } from "./endpoint-health.ts";

export interface WatchTiming extends CheckTiming {
  /** Between two looks at one that is well: a random time between these, so that a thousand nodes do not ask at once. */
  readonly wellEveryMs: readonly [number, number];
  /** Between two looks at one that is not. */
  readonly otherwiseEveryMs: readonly [number, number];
}

export const defaultWatchTiming: WatchTiming = {
  slowMs: 2_000,
  silentMs: 8_000,
  reachMs: 4_000,
  wellEveryMs: [4_000, 8_000],
  otherwiseEveryMs: [1_000, 2_000],
};

export interface EndpointWatch {
  /** A look at once. */
  soon(): void;
  stop(): void;
}

export interface EndpointWatchOptions {
  readonly address: string;
  readonly checks: EndpointChecks;
  readonly timing: WatchTiming;
  readonly log: Logger;
  /** Called after each look, and when an answer is late. */
  readonly onFinding: (finding: Finding) => void;
}

export function watchEndpoint(options: EndpointWatchOptions): EndpointWatch {
  const { address, checks, timing, onFinding } = options;
  const stopping = new AbortController();
  let last: Finding = { health: "well", why: "" };

  const loop = createLoop({
    name: `look at ${address}`,
    log: options.log,
    round: async (signal) => {
      // One that was silent before has had its time.
      const silentMs =
        last.health === "silent" ? Math.max(timing.silentMs / 2, timing.slowMs) : timing.silentMs;
      const onSlow = (): void => {
        if (last.health === "well") onFinding({ health: "slow", why: "its answers are slow" });
      };
      last = await checkEndpoint(address, checks, { timing: { ...timing, silentMs }, signal, onSlow });
      onFinding(last);
      const [least, most] = last.health === "well" ? timing.wellEveryMs : timing.otherwiseEveryMs;
      return least + Math.random() * (most - least);
    },
  });
  void loop.run(stopping.signal);
  return { soon: () => loop.ring(), stop: () => stopping.abort() };
}
