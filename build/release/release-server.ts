// A server of files for the tests of install.sh, which can also break off and stall: plain HTTP by hand, since a real
// server would not send less than it has announced.

import type { Socket } from "bun";

export interface ServedFile {
  readonly body: Uint8Array | string;
  /** What becomes of the second half of the body. */
  readonly rest?: "cut off" | "stalled";
}

export interface ReleaseServer extends Disposable {
  readonly url: string;
  /** Paths in the order of the requests. */
  readonly requests: string[];
}

/** Serves what the function has for a path, decoded. */
export function releaseServer(file: (path: string) => ServedFile | undefined): ReleaseServer {
  const requests: string[] = [];
  const answer = (socket: Socket, path: string): void => {
    requests.push(path);
    const found = file(path);
    const body = Buffer.from(found?.body ?? "");
    const status = found === undefined ? "404 Not Found" : "200 OK";
    socket.write(`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`);
    socket.write(found?.rest === undefined ? body : body.subarray(0, body.length / 2));
    if (found?.rest !== "stalled") socket.end();
  };
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, data) {
        const [, path] = /^GET (\S+) HTTP/.exec(data.toString("latin1")) ?? [];
        if (path !== undefined) answer(socket, decodeURIComponent(path));
      },
    },
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    requests,
    [Symbol.dispose]: () => listener.stop(true),
  };
}
