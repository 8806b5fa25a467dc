// The bodies of answers: none is waited for without end, and none takes more memory than it may. What fails is a
// RegistryTrouble, so that the request is made again.

import { describeConnectionFailure } from "../../std/connection-failure.ts";
import { UserError } from "../../std/errors.ts";
import { RegistryTrouble } from "./trouble.ts";

export interface BodyPatience {
  /** A connection on which nothing comes for so long is given up. */
  readonly silenceMs: number;
  /** For all of a body that is read into memory. */
  readonly wholeMs: number;
}

export const usualPatience: BodyPatience = { silenceMs: 60_000, wholeMs: 300_000 };

interface Body {
  /** Who sends it. */
  readonly host: string;
  /** What it is, for the error. */
  readonly what: string;
  readonly mostBytes: number;
  readonly patience?: BodyPatience | undefined;
}

/** All of it. Throws a UserError as soon as it is larger than it may be. */
export async function wholeBody(response: Response, body: Body): Promise<Uint8Array> {
  const { host, what, mostBytes, patience = usualPatience } = body;
  const end = performance.now() + patience.wholeMs;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of watched(response.body, host, patience.silenceMs)) {
    size += chunk.length;
    if (size > mostBytes) throw new UserError(`${what} is too large: more than ${mostBytes} bytes`);
    if (performance.now() > end)
      throw new RegistryTrouble(
        `${host} is too slow: ${what} is not there after ${patience.wholeMs / 1000}s`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** As much of its text as comes, up to the limit. */
export async function beginningOf(response: Response, body: Omit<Body, "what">): Promise<string> {
  const { host, mostBytes, patience = usualPatience } = body;
  const end = performance.now() + patience.wholeMs;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of watched(response.body, host, patience.silenceMs)) {
      chunks.push(chunk.subarray(0, mostBytes - size));
      size += chunk.length;
      if (size >= mostBytes || performance.now() > end) break;
    }
  } catch (err) {
    // These are words about an answer whose status is known: that counts, however few of them have come.
    if (!(err instanceof RegistryTrouble)) throw err;
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The chunks of a stream; a connection that breaks or falls silent is a RegistryTrouble. */
export async function* watched(
  stream: ReadableStream<Uint8Array> | null,
  host: string,
  silenceMs: number,
): AsyncGenerator<Uint8Array> {
  if (stream === null) return;
  const reader = stream.getReader();
  const { promise: silence, reject } = Promise.withResolvers<never>();
  silence.catch(() => undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      const silent = new RegistryTrouble(`${host} sends nothing any more`);
      timer = setTimeout(() => reject(silent), silenceMs);
      const { done, value } = await Promise.race([reader.read(), silence]);
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } catch (err) {
    const why = describeConnectionFailure(err);
    throw why === undefined
      ? err
      : new RegistryTrouble(`the connection to ${host} failed: ${why}`, { cause: err });
  } finally {
    clearTimeout(timer);
    // Cancelling what has already failed fails in the same way.
    await reader.cancel().catch(() => undefined);
  }
}
