// One question to a name server over UDP, as pods ask it: RFC 1035.

import { createSocket } from "node:dgram";
import { describeFailure } from "../../std/connection-failure.ts";
import { formatDuration } from "../../std/duration.ts";
import { ipFamily } from "../../std/ip.ts";

export type DnsAnswer =
  /** With at least one address. */
  | { readonly kind: "answered" }
  /** It answers, and has no address to give. */
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "silent"; readonly why: string };

const typeCodes = { 4: 1, 6: 28 } as const;

export async function askDns(
  name: string,
  server: { readonly address: string; readonly port: number },
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<DnsAnswer> {
  const family = ipFamily(server.address) === 6 ? 6 : 4;
  const id = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  const over = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  const { promise, resolve } = Promise.withResolvers<DnsAnswer>();
  const tooLate = (): void =>
    resolve({ kind: "silent", why: `no answer within ${formatDuration(options.timeoutMs)}` });
  const failed = (err: unknown): void => resolve({ kind: "silent", why: describeFailure(err) });
  over.addEventListener("abort", tooLate, { once: true });
  socket.on("error", failed);
  socket.on("message", (message) => {
    const answer = readAnswer(message, id);
    if (answer !== undefined) resolve(answer);
  });
  // Connected, so that a host that refuses the datagram is heard.
  socket.connect(server.port, server.address, (...[err]: unknown[]) => {
    if (err instanceof Error) failed(err);
    else
      socket.send(
        question(name, id, typeCodes[family]),
        (sendError) => sendError !== null && failed(sendError),
      );
  });
  try {
    return await promise;
  } finally {
    over.removeEventListener("abort", tooLate);
    socket.close();
  }
}

export function question(name: string, id: number, type: number): Buffer {
  const labels = name.split(".").filter(Boolean);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  // Recursion desired, one question.
  head.writeUInt16BE(0x0100, 2);
  head.writeUInt16BE(1, 4);
  const body = labels.flatMap((label) => [Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)]);
  const tail = Buffer.from([0, 0, type, 0, 1]);
  return Buffer.concat([head, ...body, tail]);
}

const rcodes: Readonly<Record<number, string>> = {
  1: "FORMERR",
  2: "SERVFAIL",
  3: "NXDOMAIN",
  4: "NOTIMP",
  5: "REFUSED",
};

/** Undefined for what is no answer to the question with this id. */
export function readAnswer(message: Buffer, id: number): DnsAnswer | undefined {
  if (message.length < 12 || message.readUInt16BE(0) !== id || (message.readUInt16BE(2) & 0x8000) === 0)
    return undefined;
  const rcode = message.readUInt16BE(2) & 0xf;
  if (rcode !== 0) return { kind: "refused", why: rcodes[rcode] ?? `rcode ${rcode}` };
  return message.readUInt16BE(6) > 0
    ? { kind: "answered" }
    : { kind: "refused", why: "the answer has no address" };
}
