// The three sides of a relay, each a process of its own; the first argument says which: `server` (tells its port), `balancer`
// (k0s' own, before the servers at the addresses that follow; tells its port), `client` (port, connections, megabytes).
// A message is five bytes: `e` and a number come back as they are, `d` and a number bring as many KiB.

import { TcpBalancer } from "../../src/balancer/tcp-balancer.ts";
import { createLogger } from "../../src/std/logfmt.ts";
import { quantiles } from "./quantiles.ts";

const [side = "", ...args] = process.argv.slice(2);
const loopback = "127.0.0.1";
const messageBytes = 5;
const [echo, deliver] = ["e".charCodeAt(0), "d".charCodeAt(0)];
const piece = Buffer.alloc(64 << 10, 0x61);

interface Served {
  /** Bytes that are still to be sent. */
  owed: number;
}

function serve(): void {
  const send = (socket: Bun.Socket<Served>): void => {
    while (socket.data.owed > 0) {
      const sent = socket.write(piece.subarray(0, Math.min(piece.length, socket.data.owed)));
      if (sent <= 0) return;
      socket.data.owed -= sent;
    }
  };
  const server = Bun.listen<Served>({
    hostname: loopback,
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = { owed: 0 };
        socket.setNoDelay(true);
      },
      data: (socket, data) => {
        for (let at = 0; at + messageBytes <= data.length; at += messageBytes) {
          if (data[at] === echo) socket.write(data.subarray(at, at + messageBytes));
          if (data[at] === deliver) socket.data.owed += data.readUInt32BE(at + 1) << 10;
        }
        send(socket);
      },
      drain: send,
    },
  });
  console.log(server.port);
}

function balance(endpoints: readonly string[]): void {
  const log = createLogger({ level: "warn", write: (line) => process.stderr.write(line) });
  const well = { probe: async () => undefined, reach: async () => undefined };
  const balancer = new TcpBalancer({ name: "bench", port: 0, checks: well, log, maxConnections: 4_096 });
  balancer.start(endpoints);
  console.log(balancer.port);
}

interface Asking {
  awaited: number;
  done: () => void;
}

function message(kind: number, value: number): Buffer {
  const bytes = Buffer.alloc(messageBytes);
  bytes[0] = kind;
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

async function ask(port: number, connections: number, megabytes: number): Promise<void> {
  const open = (): Promise<Bun.Socket<Asking>> =>
    Bun.connect<Asking>({
      hostname: loopback,
      port,
      data: { awaited: 0, done: () => undefined },
      socket: {
        data: (socket, data) => {
          socket.data.awaited -= data.length;
          if (socket.data.awaited <= 0) socket.data.done();
        },
        close: (socket) => {
          if (socket.data.awaited > 0) throw new Error("a connection was closed while it was used");
        },
      },
    });
  const answered = (socket: Bun.Socket<Asking>, kind: number, value: number, bytes: number): Promise<void> =>
    new Promise((resolve) => {
      socket.data.awaited = bytes;
      socket.data.done = resolve;
      socket.write(message(kind, value));
    });
  const sockets: Bun.Socket<Asking>[] = [];
  const opening = performance.now();
  // A first message each: the balancer closes clients that say nothing.
  for (let index = 0; index < connections; index++) {
    const socket = await open();
    socket.setNoDelay(true);
    await answered(socket, echo, index, messageBytes);
    sockets.push(socket);
  }
  const openMs = performance.now() - opening;
  const times: number[] = [];
  for (let index = 0; index < 1_000; index++) {
    const socket = sockets[index % sockets.length];
    if (socket === undefined) throw new Error("there is no connection");
    const started = performance.now();
    await answered(socket, echo, index, messageBytes);
    times.push(performance.now() - started);
  }
  const kib = Math.floor((megabytes * 1e6) / connections / 1024);
  const started = performance.now();
  await Promise.all(sockets.map((socket) => answered(socket, deliver, kib, kib << 10)));
  const seconds = (performance.now() - started) / 1000;
  const { p50, p99 } = quantiles(times);
  console.log(JSON.stringify({ openMs, p50, p99, seconds, gigabytes: (kib * 1024 * connections) / 1e9 }));
  for (const socket of sockets) socket.end();
}

if (side === "server") serve();
else if (side === "balancer") balance(args);
else await ask(Number(args[0]), Number(args[1]), Number(args[2]));
