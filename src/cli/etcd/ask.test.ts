import { expect, test } from "bun:test";
import { sleep } from "../../std/wait.ts";
import { askEtcd } from "./ask.ts";
import { testIo } from "../core/test-io.ts";

const late = async (): Promise<never> => {
  await sleep(50);
  throw new DOMException("The operation timed out.", "TimeoutError");
};

test("without a quorum it says soon what it waits for, and at the end who is away", async () => {
  const io = testIo();
  const look = async () => ({
    away: ["c2 at https://10.0.0.2:2380: no answer"],
    addresses: [],
    quorumIsLost: true,
  });
  expect(await askEtcd(late, { io, look, noticeMs: 5 }).catch((err: Error) => err.message)).toBe(
    "etcd has no quorum: c2 at https://10.0.0.2:2380: no answer",
  );
  expect(io.stderr()).toBe(
    "Waiting for etcd to answer; these do not answer: c2 at https://10.0.0.2:2380: no answer\n",
  );
});

test("with a quorum, and without a member here, the failure is what it is", async () => {
  const io = testIo();
  const minority = async () => ({ away: ["c2: no answer"], addresses: [], quorumIsLost: false });
  for (const look of [minority, () => Promise.reject(new Error("nothing listens"))])
    expect(askEtcd(late, { io, look, noticeMs: 1_000 })).rejects.toThrow(
      "cannot ask the etcd member of this host: no answer in time",
    );
  expect(await askEtcd(async () => 1, { io, look: minority })).toBe(1);
  expect(io.stderr()).toBe("");
});
