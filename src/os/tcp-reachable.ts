// Whether something accepts TCP connections at an address, and if not, why, in words.

import { connect } from "node:net";
import { describeFailure } from "../std/connection-failure.ts";
import { formatDuration } from "../std/duration.ts";

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** Why nobody can be reached there; undefined if somebody can. */
export function unreachableBecause(
  { host, port }: TcpAddress,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const over = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const socket = connect({ host, port });
  const tooLate = (): void => resolve(`no answer within ${formatDuration(options.timeoutMs)}`);
  socket.once("connect", () => resolve(undefined));
  socket.once("error", (err) => resolve(describeFailure(err, { host })));
  over.addEventListener("abort", tooLate, { once: true });
  return promise.finally(() => {
    over.removeEventListener("abort", tooLate);
    socket.destroy();
  });
}
