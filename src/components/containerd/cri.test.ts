import { create, toBinary } from "@bufbuild/protobuf";
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VersionResponseSchema } from "../../proto/cri/runtime_pb.js";
import { criClient } from "./cri.ts";

test("a socket that is gone is noticed, though another client keeps its connection", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-cri-"));
  const server = new Server();
  try {
    const socket = join(dir, "containerd.sock");
    const version: handleUnaryCall<Buffer, Buffer> = (_, answer) =>
      answer(null, Buffer.from(toBinary(VersionResponseSchema, create(VersionResponseSchema, {}))));
    const same = (bytes: Buffer): Buffer => bytes;
    server.register("/runtime.v1.RuntimeService/Version", version, same, same, "unary");
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (err) =>
        err === null ? resolve() : reject(err),
      ),
    );
    const options = { timeoutMs: 5_000 };
    using kept = criClient(socket);
    await kept.ping(options);
    await rm(socket);
    using another = criClient(socket);
    await kept.ping(options);
    expect(await another.ping(options).catch(String)).toContain("ENOENT");
  } finally {
    server.forceShutdown();
    await rm(dir, { recursive: true, force: true });
  }
});
