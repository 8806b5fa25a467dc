// Asks a component over HTTP whether it is well: the status code is the answer, the body the reason.

import { directFetch } from "../std/direct-fetch.ts";

export interface HttpHealthOptions {
  readonly signal: AbortSignal;
  readonly tls?: BunFetchRequestInitTLS;
  /** Whether one that answers, but not to strangers (401, 403), counts as well: its flags may ask for that. */
  readonly refusalIsAnswer?: boolean;
}

/** True if it is well; throws with what it says of itself if it is not. */
export async function httpHealth(url: string, options: HttpHealthOptions): Promise<true> {
  const { refusalIsAnswer = false, ...init } = options;
  const answer = await directFetch(url, { ...init, redirect: "manual" });
  const text = await answer.text();
  if (answer.ok || (refusalIsAnswer && [401, 403].includes(answer.status))) return true;
  throw new Error(`${new URL(url).pathname} answers ${answer.status}: ${failedChecks(text)}`);
}

/** Components list their checks, `[+]ping ok` and `[-]etcd failed: reason withheld`; of other texts the beginning. */
export function failedChecks(text: string): string {
  const failed = text.split("\n").flatMap((line) => (line.startsWith("[-]") ? [line.slice(3).trim()] : []));
  if (failed.length > 0) return failed.join(", ").slice(0, 300);
  return text.trim().split("\n", 1)[0]?.slice(0, 200) ?? "";
}
