// How far this host's clock is from the API server's: asked without checking certificates, which a wrong clock makes
// invalid. Nothing is sent, and only the time is taken from the answer.

import { directFetch } from "../std/direct-fetch.ts";

/** Undefined when the server does not say. */
export async function clockAheadMs(server: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const before = Date.now();
    const answer = await directFetch(`${server}/version`, {
      tls: { rejectUnauthorized: false },
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(3_000)]),
    });
    await answer.body?.cancel();
    return aheadOf(answer.headers.get("date"), (before + Date.now()) / 2);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** From the `Date` header of an answer. */
export function aheadOf(date: string | null, now = Date.now()): number | undefined {
  const theirs = Date.parse(date ?? "");
  return Number.isNaN(theirs) ? undefined : now - theirs;
}
