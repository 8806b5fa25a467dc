// Every kind is a real one, made on this host, by fetch and by a socket. Routes cannot be taken away here: those are told by code.

import { beforeAll, describe, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { issueCa, issueLeaf, type KeyAndCertificate } from "../pki/issue.ts";
import {
  type ConnectionFailure,
  connectionFailure,
  describeConnectionFailure,
  describeFailure,
} from "./connection-failure.ts";
import { directFetch } from "./direct-fetch.ts";
import { UserError } from "./errors.ts";

const hour = 3_600_000;
const day = 24 * hour;

async function listening(answer: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => answer(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as { port: number }).port };
}

async function thrownBy(act: () => Promise<unknown>): Promise<unknown> {
  try {
    await act();
  } catch (err) {
    return err;
  }
  throw new Error("there was an answer");
}

const fetched = (url: string, init: BunFetchRequestInit = {}): Promise<unknown> =>
  thrownBy(() => fetch(url, { ...init, proxy: false } as never));

const connected = (host: string, port: number): Promise<unknown> =>
  thrownBy(
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect({ host, port }, () => resolve(void socket.destroy()));
        socket.once("error", reject);
      }),
  );

function check(err: unknown, failure: ConnectionFailure, words: string): void {
  expect([connectionFailure(err), describeConnectionFailure(err)]).toEqual([failure, words]);
}

describe("TCP", () => {
  test("refused", async () => {
    const { server, port } = await listening(() => undefined);
    server.close();
    check(await fetched(`https://127.0.0.1:${port}/`), "refused", "connection refused");
    check(await connected("127.0.0.1", port), "refused", "connection refused");
  });

  test("closed", async () => {
    const { server, port } = await listening((socket) => socket.destroy());
    check(await fetched(`http://127.0.0.1:${port}/`), "closed", "the connection was closed");
    check(await fetched(`https://127.0.0.1:${port}/`), "closed", "the connection was closed");
    server.close();
  });

  test("silent, with how long that was", async () => {
    const { server, port } = await listening(() => undefined);
    const err = await fetched(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(50) });
    check(err, "silent", "no answer in time");
    expect(describeConnectionFailure(err, { within: "50ms" })).toBe("no answer within 50ms");
    server.close();
  });

  test("a name that does not resolve", async () => {
    for (const err of [await fetched("https://nowhere.invalid/"), await connected("nowhere.invalid", 1)]) {
      check(err, "no such name", "the name does not resolve");
      expect(describeConnectionFailure(err, { host: "nowhere.invalid" })).toBe(
        "the name nowhere.invalid does not resolve",
      );
    }
  });

  test.each(["EHOSTUNREACH", "ENETUNREACH"])("%s", (code) => {
    check(Object.assign(new Error("connect"), { code }), "no route", "no route to that host");
  });

  test("no socket of that path", async () => {
    check(
      await fetched("http://localhost/", { unix: "/nowhere/socket" }),
      "other",
      "the connection failed (ENOENT)",
    );
  });
});

describe("TLS", () => {
  let ours: KeyAndCertificate;
  let theirs: KeyAndCertificate;
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([
      issueCa({ cn: "ours", expiresMs: 10 * day, now: new Date(Date.now() - 5 * day) }),
      issueCa({ cn: "theirs", expiresMs: day }),
    ]);
  });

  const asked = async (leaf: KeyAndCertificate, host = "127.0.0.1"): Promise<unknown> => {
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: leaf,
      fetch: () => new Response("hello"),
    });
    return await fetched(`https://${host}:${server.port}/`, { tls: { ca: ours.cert } });
  };
  const leafOf = (ca: KeyAndCertificate, fromNow = 0): Promise<KeyAndCertificate> =>
    issueLeaf({ ca, cn: "x", sans: ["127.0.0.1"], expiresMs: hour, now: new Date(Date.now() + fromNow) });

  test("none there", async () => {
    const { server, port } = await listening((socket) => socket.end("hello\n"));
    check(await fetched(`https://127.0.0.1:${port}/`), "no TLS", "what answers there is no TLS server");
    server.close();
  });

  test("of another authority", async () => {
    check(
      await asked(await leafOf(theirs)),
      "foreign authority",
      "its certificate is signed by an authority that is not trusted here",
    );
  });

  test("for other names", async () => {
    const err = await asked(await leafOf(ours), "localhost");
    check(err, "other name", "its certificate is not for the name it was asked by");
    expect(describeConnectionFailure(err, { host: "localhost" })).toBe(
      "its certificate is not for localhost",
    );
  });

  test("out of its time", async () => {
    check(
      await asked(await leafOf(ours, day)),
      "not valid yet",
      "its certificate is not valid yet, says this host's clock",
    );
    check(
      await asked(await leafOf(ours, -day)),
      "expired",
      "its certificate has expired, says this host's clock",
    );
  });
});

test("the runtime's own words reach nobody", async () => {
  const { server, port } = await listening(() => undefined);
  server.close();
  const err = await thrownBy(() => directFetch(`http://127.0.0.1:${port}/`));
  expect(String(err)).toBe("Error: connection refused");
  expect(connectionFailure(err)).toBe("refused");
});

test("the cause tells, unless a person has been told already", () => {
  const cause = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  expect(describeFailure(new Error("GET /version", { cause }))).toBe("connection refused");
  expect(describeFailure(new UserError("the token has expired", { cause }))).toBe("the token has expired");
});

test("what is no failed connection keeps its text", async () => {
  for (const err of [
    new TypeError("x is not a function"),
    "text",
    await thrownBy(() => Bun.file("/nowhere").text()),
  ]) {
    expect(describeConnectionFailure(err)).toBeUndefined();
  }
  expect(describeFailure(new TypeError("x is not a function"))).toBe("x is not a function");
});
