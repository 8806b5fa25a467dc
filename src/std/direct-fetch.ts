// The one way to talk HTTP to this host, to a unix socket or to another host of the cluster: never through a proxy, whatever
// the environment says. Bare `fetch` asks the proxy even for loopback addresses; `make check` allows it here alone.

/** Bun takes an empty string for "not given": only this switches proxies off. */
const noProxy = { proxy: false } as const;

export function directFetch(url: string, init: Omit<BunFetchRequestInit, "proxy"> = {}): Promise<Response> {
  return fetch(url, { ...init, ...noProxy });
}

/** Connections of one identity that are kept, and never shared with another. */
export function directSession(options: Omit<Bun.FetchSessionInit, "proxy">): Bun.FetchSession {
  return new Bun.FetchSession({ ...options, ...noProxy });
}
