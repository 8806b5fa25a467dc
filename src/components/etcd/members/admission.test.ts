import { expect, test } from "bun:test";
import { silentLogger } from "../../../std/logfmt.ts";
import { tryPromote } from "./admission.ts";
import type { EtcdClient } from "../client.ts";
import { EtcdError } from "../errors.ts";

const answering = (words: string): EtcdClient =>
  ({ promote: () => Promise.reject(new EtcdError(words, 9)) }) as unknown as EtcdClient;

// Each further try of a member that votes is a proposal to the whole cluster, and an error in the log of every member.
test.each([
  ["etcdserver: can only promote a learner member", true],
  ["etcdserver: member not found", true],
  ["etcdserver: can only promote a learner member which is in sync with leader", false],
  ["etcdserver: unhealthy cluster", false],
])("after %j nothing is left to do: %p", async (words, done) => {
  expect(await tryPromote(answering(words), "1", silentLogger())).toBe(done);
});
