// Where a Kubernetes program of the control plane tells whether it is well, by the arguments that it gets.

import { joinHostPort, reachableAt } from "../std/ip.ts";

/** Of `--name=value` or `--name value`; the last one counts, as for the program itself. */
function lastValue(args: readonly string[], name: string): string | undefined {
  const values = args.flatMap((arg, index) => {
    if (arg === `--${name}`) return [args[index + 1] ?? ""];
    return arg.startsWith(`--${name}=`) ? [arg.slice(name.length + 3)] : [];
  });
  return values.at(-1);
}

/** `https://127.0.0.1:10259/healthz`; undefined if it does not serve at all (`--secure-port=0`). */
export function healthzUrl(args: readonly string[], defaultPort: number): string | undefined {
  const port = Number(lastValue(args, "secure-port") ?? defaultPort);
  const address = lastValue(args, "bind-address") ?? "127.0.0.1";
  return port === 0 ? undefined : `https://${joinHostPort(reachableAt(address), port)}/healthz`;
}
