// Over real sockets: what goes in comes out, slowly if it must, and connections leave a server that dies.

import { afterEach, describe, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { silentLog } from "../supervisor/testdata/recording-log.ts";
import { pollUntil } from "../std/wait.ts";
import type { EndpointChecks } from "./endpoint-health.ts";
import { tcpChecks } from "./probes.ts";
import { type BalancerTiming, TcpBalancer, type TcpBalancerOptions } from "./tcp-balancer.ts";

const timing: BalancerTiming = {
  connectMs: 500,
  slowMs: 100,
  silentMs: 200,
  reachMs: 200,
  wellEveryMs: [40, 60],
  otherwiseEveryMs: [20, 40],
  firstByteMs: 60_000,
  idleMs: 60_000,
  keepAliveMs: 30_000,
};
/** Looks would be connections, too. */
const never: EndpointChecks = { probe: async () => undefined, reach: async () => undefined };
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

function balance(
  endpoints: readonly string[],
  checks = tcpChecks,
  options: Partial<BalancerTiming> & Partial<Pick<TcpBalancerOptions, "maxConnections" | "ownTrouble">> = {},
): TcpBalancer {
  const { maxConnections = 100, ownTrouble, ...numbers } = options;
  const balancer = new TcpBalancer({
    name: "test",
    port: 0,
    checks,
    maxConnections,
    ...(ownTrouble === undefined ? {} : { ownTrouble }),
    log: silentLog,
    timing: { ...timing, ...numbers },
  });
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
    const client = dial(balance([lazy.address], never));
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

  /** Two servers, a connection to each, and one of them that answers looks as the test says. */
  const pair = async () => {
    const [sick, well] = [await named("sick"), await named("well")];
    const ask = { probe: async (): Promise<void> => undefined, reach: async (): Promise<void> => undefined };
    const only =
      (check: keyof EndpointChecks): EndpointChecks["probe"] =>
      async (address, signal) =>
        address === sick.address ? await ask[check]() : signal.throwIfAborted();
    const balancer = balance([sick.address, well.address], { probe: only("probe"), reach: only("reach") });
    const sockets = [dial(balancer), dial(balancer)];
    const names = await Promise.all(sockets.map(greeting));
    const onSick = sockets[names.indexOf("sick")] ?? dial(balancer);
    const onWell = sockets[names.indexOf("well")] ?? dial(balancer);
    const health = (): string | undefined =>
      balancer.endpoints().find(({ address }) => address === sick.address)?.health;
    return { sick, well, ask, balancer, onSick, onWell, health };
  };
  const closed = (socket: Socket): Promise<unknown> => until("the end", () => socket.destroyed);
  const fails = async (): Promise<never> => {
    throw new Error("no answer");
  };

  test("one that is slow keeps its connections and gets no new ones", async () => {
    const { ask, balancer, onSick, health } = await pair();
    ask.probe = () => Bun.sleep(150);
    await until("slowness", () => health() === "slow");
    for (let index = 0; index < 4; index++) expect(await greeting(dial(balancer))).toBe("well");
    expect([health(), onSick.destroyed]).toEqual(["slow", false]);
    ask.probe = async () => undefined;
    await until("the recovery", () => health() === "well");
    expect(onSick.destroyed).toBe(false);
  });

  test("connections leave one that takes them and says nothing", async () => {
    const { ask, balancer, onSick, onWell, health } = await pair();
    ask.probe = () => new Promise(() => undefined);
    await closed(onSick);
    expect([health(), onWell.destroyed]).toEqual(["silent", false]);
    expect(await greeting(dial(balancer))).toBe("well");
  });

  test("when all are slow or silent nobody is moved: there is nowhere to go", async () => {
    const servers = [await named("a"), await named("b")];
    let probes = 0;
    const probe = (): Promise<void> => {
      probes += 1;
      return new Promise(() => undefined);
    };
    const addresses = servers.map(({ address }) => address);
    const balancer = balance(addresses, { probe, reach: async () => undefined });
    const sockets = [dial(balancer), dial(balancer)];
    await Promise.all(sockets.map(greeting));
    await until("silence", () => balancer.endpoints().every(({ health }) => health === "silent"));
    const before = probes;
    await until("more looks", () => probes >= before + 6);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  });

  test("a host without free descriptors or ports learns nothing about endpoints: nobody is moved", async () => {
    const [one, two] = [await named("one"), await named("two")];
    let own: string | undefined;
    let looks = 0;
    const look = async (address: string): Promise<void> => {
      if (address !== one.address) return;
      looks += 1;
      if (own !== undefined) throw new Error("ECONNREFUSED");
    };
    const balancer = balance(
      [one.address, two.address],
      { probe: look, reach: look },
      { ownTrouble: () => own },
    );
    const sockets = [dial(balancer), dial(balancer)];
    await Promise.all(sockets.map(greeting));
    own = "no free file descriptor";
    const before = looks;
    await until("more looks", () => looks >= before + 6);
    expect(balancer.endpoints().map(({ health }) => health)).toEqual(["well", "well"]);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false]);
    await until("a word about it", () => balancer.ownTrouble === "no free file descriptor");
    own = undefined;
    await until("the end of it", () => balancer.ownTrouble === undefined);
  });

  test("connections to one whose host is gone are closed at once", async () => {
    const { ask, onSick, onWell } = await pair();
    ask.probe = fails;
    ask.reach = fails;
    await closed(onSick);
    expect(onWell.destroyed).toBe(false);
  });

  test("the death of one is seen by its connections, long before the next look", async () => {
    const [dying, staying] = [await named("dying"), await named("staying")];
    const balancer = balance([dying.address, staying.address], tcpChecks, { wellEveryMs: [60_000, 60_000] });
    const sockets = [dial(balancer), dial(balancer)];
    await Promise.all(sockets.map(greeting));
    dying.close();
    await until("the finding", () =>
      balancer.endpoints().some(({ address, health }) => address === dying.address && health === "down"),
    );
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

describe("limits", () => {
  test("further connections are turned away, and taken again when others have ended", async () => {
    const echo = await serve((socket) => void socket.write("hello"));
    const balancer = balance([echo.address], never, { maxConnections: 2 });
    const [first, second] = [dial(balancer), dial(balancer)];
    await Promise.all([greeting(first), greeting(second)]);
    const third = greeting(dial(balancer)).catch((err: unknown) => err);
    expect(await third).toEqual(new Error("closed"));
    first.destroy();
    second.destroy();
    await until("the ends", () => balancer.endpoints().every(({ connections }) => connections === 0));
    expect(await greeting(dial(balancer))).toBe("hello");
  });

  test("who says nothing, or nothing more, is closed; who talks stays", async () => {
    const echo = await serve((socket) => socket.pipe(socket));
    const balancer = balance([echo.address], never, { firstByteMs: 100, idleMs: 2_000 });
    const [mute, ended, talking] = [dial(balancer), dial(balancer), dial(balancer)];
    ended.write("once");
    const talk = setInterval(() => talking.write("x"), 50);
    await until("the end of the mute one", () => mute.destroyed);
    expect(ended.destroyed).toBe(false);
    await until("the end of the other one", () => ended.destroyed);
    clearInterval(talk);
    expect(talking.destroyed).toBe(false);
  });
});

test("a port that is taken is named", async () => {
  const holder = await serve(() => undefined);
  const port = Number(holder.address.split(":")[1]);
  const balancer = new TcpBalancer({
    name: "api",
    port,
    checks: tcpChecks,
    maxConnections: 100,
    log: silentLog,
  });
  expect(() => balancer.start(["127.0.0.1:1"])).toThrow(`port ${port}, which the load balancer of api needs`);
});
