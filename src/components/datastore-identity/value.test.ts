import { create, toBinary } from "@bufbuild/protobuf";
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import { RangeResponseSchema } from "../../proto/etcd/kv_pb.js";
import { type EtcdReader, etcdReader } from "./value.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});
const signal = AbortSignal.timeout(20_000);
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

/** One that has every key. Notes from which connection each question comes. */
async function etcd(options: { readonly port?: number; readonly value?: string } = {}) {
  const { value = "v" } = options;
  const peers: string[] = [];
  const server = new Server();
  const key = Buffer.from("k");
  const range: handleUnaryCall<Buffer, Buffer> = (call, answer) => {
    peers.push(call.getPeer());
    const kvs = [{ key, value: Buffer.from(value) }];
    answer(null, Buffer.from(toBinary(RangeResponseSchema, create(RangeResponseSchema, { kvs }))));
  };
  const same = (bytes: Buffer): Buffer => bytes;
  server.register("/etcdserverpb.KV/Range", range, same, same, "unary");
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, ServerCredentials.createInsecure(), (err, bound) =>
      err === null ? resolve(bound) : reject(err),
    ),
  );
  const stop = (): void => server.forceShutdown();
  cleanups.push(stop);
  return { endpoint: `http://127.0.0.1:${port}`, port, peers, stop };
}

function reader(): EtcdReader {
  const made = etcdReader();
  cleanups.push(() => made.close());
  return made;
}

test("one connection is kept, until it is closed or another server is asked", async () => {
  const [one, other] = [await etcd(), await etcd({ value: "other" })];
  const keeping = reader();
  for (let times = 0; times < 3; times++) expect(text(await keeping.read(one, "k", signal))).toBe("v");
  expect(new Set(one.peers).size).toBe(1);
  expect(text(await keeping.read(other, "k", signal))).toBe("other");
  expect(text(await keeping.read(one, "k", signal))).toBe("v");
  expect(new Set(one.peers).size).toBe(2);
  keeping.close();
  await keeping.read(one, "k", signal);
  expect(new Set(one.peers).size).toBe(3);
});

test("a server that was started again answers at once, with what it has now", async () => {
  const before = await etcd({ value: "before" });
  const keeping = reader();
  expect(text(await keeping.read(before, "k", signal))).toBe("before");
  before.stop();
  await etcd({ port: before.port, value: "another" });
  expect(text(await keeping.read(before, "k", signal))).toBe("another");
});

test("one that does not answer is an error, and none once it does", async () => {
  const { endpoint, port, stop } = await etcd();
  const keeping = reader();
  await keeping.read({ endpoint }, "k", signal);
  stop();
  expect(await keeping.read({ endpoint }, "k", signal).catch(() => "no answer")).toBe("no answer");
  await etcd({ port });
  expect(text(await keeping.read({ endpoint }, "k", signal))).toBe("v");
});

test("a connection that breaks with a question is no answer: it is asked once more over another one", async () => {
  const { port } = await etcd();
  let breaks = false;
  const between = createServer((socket) => {
    const onward = connect(port, "127.0.0.1");
    for (const end of [socket, onward]) end.on("error", () => undefined);
    socket.on("data", (bytes) => {
      if (breaks) socket.destroy();
      else onward.write(bytes);
      breaks = false;
    });
    onward.pipe(socket);
    socket.on("close", () => onward.destroy());
  });
  const endpoint = await new Promise<string>((resolve) =>
    between.listen(0, "127.0.0.1", () => {
      const address = between.address();
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    }),
  );
  cleanups.push(() => between.close());
  const keeping = reader();
  await keeping.read({ endpoint }, "k", signal);
  breaks = true;
  expect(text(await keeping.read({ endpoint }, "k", signal))).toBe("v");
});
