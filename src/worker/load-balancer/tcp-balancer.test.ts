// Over real sockets: what goes in comes out, slowly if it must, and connections leave a server that dies.

import { afterEach, describe, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import { pollUntil } from "../../std/wait.ts";
import { tcpProbe } from "./probes.ts";
import { TcpBalancer } from "./tcp-balancer.ts";

const timing = { connectMs: 500, probeEveryMs: 50, probeMs: 200 };
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface TestServer {
  readonly address: string;
  readonly sockets: Socket[];
  close(): void;
}

async function serve(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const sockets: Socket[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.once("end", () => socket.end());
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  cleanups.push(close);
  return { address: `127.0.0.1:${(server.address() as { port: number }).port}`, sockets, close };
}

function balance(endpoints: readonly string[], probe = tcpProbe): TcpBalancer {
  const balancer = new TcpBalancer({ name: "test", port: 0, probe, log: silentLog, timing });
  balancer.start(endpoints);
  cleanups.push(() => balancer.stop());
  return balancer;
}

function dial(balancer: TcpBalancer): Socket {
  const socket = connect({ host: "127.0.0.1", port: balancer.port, allowHalfOpen: true });
  socket.on("error", () => undefined);
  cleanups.push(() => socket.destroy());
  return socket;
}

/** The first bytes that a server says. */
function greeting(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    socket.once("close", () => reject(new Error("closed")));
  });
}

const until = (what: string, probe: () => boolean | Promise<boolean>): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 20, timeoutMs: 10_000 });

describe("bytes", () => {
  test("of both directions arrive whole and in order, and half-closing works", async () => {
    const echo = await serve((socket) => socket.pipe(socket));
    const client = dial(balance([echo.address]));
    const sent = Buffer.alloc(8 << 20);
    for (let at = 0; at < sent.length; at += 4) sent.writeUInt32LE(at, at);
    const received: Buffer[] = [];
    client.on("data", (chunk: Buffer) => received.push(chunk));
    const ended = new Promise<void>((resolve) => client.once("end", resolve));
    client.end(sent);
    await ended;
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  }, 30_000);

  test("a reader that does not read stops the writer, and little is held meanwhile", async () => {
    let taken = 0;
    const lazy = await serve((socket) => socket.pause());
    // A probe would be a connection too.
    const client = dial(balance([lazy.address], () => Promise.resolve()));
    const chunk = Buffer.alloc(1 << 20, 7);
    const total = 64;
    const before = process.memoryUsage().rss;
    const written = (async () => {
      for (let index = 0; index < total; index++)
        if (!client.write(chunk)) await new Promise<void>((resolve) => client.once("drain", resolve));
      client.end();
    })();
    await Bun.sleep(500);
    expect(process.memoryUsage().rss - before).toBeLessThan(48 << 20);
    const [socket] = lazy.sockets;
    socket?.on("data", (data: Buffer) => (taken += data.length));
    const ended = new Promise<void>((resolve) => socket?.once("end", resolve));
    socket?.resume();
    await Promise.all([written, ended]);
    expect(taken).toBe(total << 20);
  }, 30_000);
});

describe("endpoints", () => {
  const named = (name: string): Promise<TestServer> => serve((socket) => void socket.write(name));

  test("take turns", async () => {
    const balancer = balance([(await named("a")).address, (await named("b")).address]);
    const seen = [await greeting(dial(balancer)), await greeting(dial(balancer))];
    expect(seen.toSorted()).toEqual(["a", "b"]);
  });

  test("a dead one is passed over", async () => {
    const dead = await named("dead");
    dead.close();
    const balancer = balance([dead.address, (await named("b")).address]);
    for (let index = 0; index < 4; index++) expect(await greeting(dial(balancer))).toBe("b");
  });

  test("connections to one that fails its probes are closed", async () => {
    const frozen = await named("frozen");
    const well = await named("well");
    let failing = false;
    const balancer = balance([frozen.address, well.address], async (address) => {
      if (failing && address === frozen.address) throw new Error("no answer");
    });
    const sockets = [dial(balancer), dial(balancer)];
    const names = await Promise.all(sockets.map(greeting));
    const onFrozen = sockets[names.indexOf("frozen")];
    const onWell = sockets[names.indexOf("well")];
    const closed = new Promise<void>((resolve) => onFrozen?.once("close", () => resolve()));
    failing = true;
    await closed;
    expect(onWell?.destroyed).toBe(false);
    expect(await greeting(dial(balancer))).toBe("well");
    failing = false;
    await until("the recovery", () => balancer.endpoints().every(({ healthy }) => healthy));
  });

  test("connections to one that leaves the list are closed, and none are counted in the end", async () => {
    const [leaving, staying] = [await named("leaving"), await named("staying")];
    const balancer = balance([leaving.address]);
    const client = dial(balancer);
    expect(await greeting(client)).toBe("leaving");
    balancer.setEndpoints([]);
    expect(balancer.endpoints().map(({ address }) => address)).toEqual([leaving.address]);
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    balancer.setEndpoints([staying.address]);
    await closed;
    const next = dial(balancer);
    expect(await greeting(next)).toBe("staying");
    next.destroy();
    await until("the end of the relay", () =>
      balancer.endpoints().every(({ connections }) => connections === 0),
    );
  });

  test("when none can be reached, the client is turned away", async () => {
    const dead = await named("dead");
    dead.close();
    const answer = await greeting(dial(balance([dead.address]))).catch((err: unknown) => err);
    expect(answer).toEqual(new Error("closed"));
  });
});

test("a port that is taken is named", async () => {
  const holder = await serve(() => undefined);
  const port = Number(holder.address.split(":")[1]);
  const balancer = new TcpBalancer({ name: "api", port, probe: tcpProbe, log: silentLog });
  expect(() => balancer.start(["127.0.0.1:1"])).toThrow(`port ${port}, which the load balancer of api needs`);
});
