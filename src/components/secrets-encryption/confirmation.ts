// Whether the API server here works with the file of keys as it is now. Its metrics say so, which are megabytes: what they have
// said counts for a while.

import { worksWith } from "./keys.ts";

/** After this long the API server is asked again, whatever it has said. */
const confirmedForMs = 600_000;

interface WrittenFile {
  /** Of its content. */
  readonly hash: string;
  /** It was another one until now. */
  readonly changed: boolean;
}

type Confirmation<Client> = (client: Client, file: WrittenFile, signal: AbortSignal) => Promise<boolean>;

export function confirmation<Client>(
  metricsOf: (client: Client, signal: AbortSignal) => Promise<string>,
  now: () => number = () => performance.now(),
): Confirmation<Client> {
  let confirmed: { readonly hash: string; readonly until: number } | undefined;
  return async (client, { hash, changed }, signal) => {
    if (!changed && confirmed?.hash === hash && now() < confirmed.until) return true;
    // Before it is asked, which may fail: what it said is of another content, or too long ago.
    confirmed = undefined;
    if (!worksWith(await metricsOf(client, signal), hash)) return false;
    confirmed = { hash, until: now() + confirmedForMs };
    return true;
  };
}
