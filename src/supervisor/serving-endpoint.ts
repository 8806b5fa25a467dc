// Where a Kubernetes program of the control plane tells whether it is well, by the arguments that it gets.

import { lastFlagValue } from "../std/flags.ts";
import { joinHostPort, reachableAt } from "../std/ip.ts";
import { httpHealth } from "./http-health.ts";
import type { ProcessComponentOptions } from "./process-component.ts";

/** How its readiness is asked for; nothing if it does not serve at all. */
export function healthzReadiness(
  args: readonly string[],
  defaultPort: number,
): Pick<ProcessComponentOptions, "readiness"> {
  const url = healthzUrl(args, defaultPort);
  if (url === undefined) return {};
  return {
    readiness: {
      what: url,
      // Loopback, and a self-signed certificate. `authorization-always-allow-paths` may leave this path out.
      probe: (signal) =>
        httpHealth(url, { signal, tls: { rejectUnauthorized: false }, refusalIsAnswer: true }),
    },
  };
}

/** `https://127.0.0.1:10259/healthz`; undefined if it does not serve at all (`--secure-port=0`). */
export function healthzUrl(args: readonly string[], defaultPort: number): string | undefined {
  const port = Number(lastFlagValue(args, "secure-port") ?? defaultPort);
  const address = lastFlagValue(args, "bind-address") ?? "127.0.0.1";
  return port === 0 ? undefined : `https://${joinHostPort(reachableAt(address), port)}/healthz`;
}
