// The one way to talk HTTP to this host, to a unix socket or to another host of the cluster: never through a proxy,
// whatever the environment says. Bare `fetch` asks the proxy even for loopback addresses; `make check` allows it here
// alone.

import { describeConnectionFailure } from "./connection-failure.ts";

/** Bun takes an empty string for "not given": only this switches proxies off. */
const noProxy = { proxy: false } as const;

/** Rejects with the reason of its signal, or with plain words for why there was no answer. */
export async function directFetch(
  url: string,
  init: Omit<BunFetchRequestInit, "proxy"> = {},
): Promise<Response> {
  try {
    return await fetch(url, { ...init, ...noProxy });
  } catch (err) {
    const why = init.signal?.aborted === true ? undefined : describeConnectionFailure(err);
    throw why === undefined ? err : new Error(why, { cause: err });
  }
}

/** Connections of one identity that are kept, and never shared with another. Its errors are the runtime's own. */
export function directSession(options: Omit<Bun.FetchSessionInit, "proxy">): Bun.FetchSession {
  return new Bun.FetchSession({ ...options, ...noProxy });
}
