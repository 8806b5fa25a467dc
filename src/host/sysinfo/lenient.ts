// A probe that k0s can do without: if it cannot be asked, that is a warning, which does not stop a start.

import { errorMessage } from "../../std/errors.ts";
import { type Finding, found } from "./finding.ts";
import type { Outcome, Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

export const notLookedAt: Finding = {
  category: "warning",
  message: "cannot be looked at: {error}",
  why: "Something may be wrong there that is not told.",
  remedy: "Look at it by hand; k0s starts without.",
};

export function lenient(probe: Probe): Probe {
  const { children } = probe;
  const ask = async (host: ProbeHost): Promise<readonly Probe[]> =>
    typeof children === "function" ? await children(host) : (children ?? []);
  return {
    ...probe,
    check: (host) => probe.check(host).catch(unknown),
    children: async (host) => {
      const nested = await ask(host).catch((err: unknown) => [
        { ...probe, children: [], check: async () => unknown(err) },
      ]);
      return nested.map(lenient);
    },
  };
}

function unknown(err: unknown): Outcome {
  return found(notLookedAt, "", { error: errorMessage(err) });
}
