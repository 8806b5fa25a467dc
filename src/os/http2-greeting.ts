// Whether a server of HTTP/2, such as one of gRPC, on a unix socket does its work: a process that is frozen still accepts
// connections, by its kernel, but sends no greeting.

import { connect } from "node:net";

/** The preface of a client and its empty SETTINGS frame: RFC 9113, 3.4. */
const hello = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const settingsFrame = 4;
const frameHeaderBytes = 9;

/** Resolves with false if nobody listens, or the listener speaks another protocol; rejects when the signal aborts. */
export async function greetsHttp2(path: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  const onAbort = (): void => reject(signal.reason);
  let received = Buffer.alloc(0);
  socket.once("connect", () => socket.write(hello));
  socket.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    if (received.length >= frameHeaderBytes) resolve(received[3] === settingsFrame);
  });
  socket.once("error", () => resolve(false));
  socket.once("close", () => resolve(false));
  signal.addEventListener("abort", onAbort, { once: true });
  return promise.finally(() => {
    signal.removeEventListener("abort", onAbort);
    socket.destroy();
  });
}
