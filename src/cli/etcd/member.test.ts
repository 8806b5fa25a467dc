import { expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { errorMessage, UserError } from "../../std/errors.ts";
import { testIo } from "../core/test-io.ts";
import { withRunningK0s } from "../core/testdata/running-k0s.ts";
import { etcdFailure } from "./member.ts";
import { etcdLeave, etcdMemberList } from "./members.ts";

/** Asks something that behaves as etcd does when it is down, and returns what the command line would say. */
async function failureOf(answer: ((socket: Socket) => void) | "nobody", timeoutMs = 5_000): Promise<unknown> {
  const server = createServer((socket) => (answer === "nobody" ? socket.destroy() : answer(socket)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  if (answer === "nobody") server.close();
  try {
    return await fetch(`https://127.0.0.1:${port}/v3/cluster/member/list`, {
      method: "POST",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(etcdFailure);
  } catch (err) {
    return err;
  } finally {
    server.close();
  }
}

test("an etcd that is down is said in a sentence, never with a stack", async () => {
  const cases = {
    "connection refused": await failureOf("nobody"),
    "the connection was closed": await failureOf((socket) => socket.destroy()),
    "no answer in time": await failureOf(() => undefined, 200),
  };
  for (const [why, failure] of Object.entries(cases)) {
    expect(failure).toBeInstanceOf(UserError);
    expect(String(failure)).toContain(`cannot ask the etcd member of this host: ${why}`);
  }
});

test("what is no failed connection stays a bug", () => {
  expect(() => etcdFailure(new TypeError("x is not a function"))).toThrow(TypeError);
});

test.each([
  [
    "{etcd: {externalCluster: {endpoints: ['https://192.0.2.9:2379'], etcdPrefix: p}}}",
    "command 'k0s etcd' does not support external etcd cluster",
  ],
  ["{type: kine}", "there is no etcd in this cluster: its objects are kept by kine"],
])("where k0s runs no etcd its commands say so: %s", async (storage, says) => {
  await withRunningK0s(`spec: {storage: ${storage}}`, async (flags) => {
    const deeds = [
      () => etcdMemberList(flags, testIo({ root: false })),
      () => etcdLeave({ ...flags, peerAddress: "192.0.2.9" }, testIo({ root: false })),
    ];
    for (const deed of deeds) {
      const failure: unknown = await deed().catch((err: unknown) => err);
      expect(failure).toBeInstanceOf(UserError);
      expect(errorMessage(failure)).toBe(says);
    }
  });
});
