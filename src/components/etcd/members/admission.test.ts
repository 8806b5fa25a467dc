import { expect, test } from "bun:test";
import { silentLogger } from "../../../std/logfmt.ts";
import { memberAdmission, tryPromote } from "./admission.ts";
import type { EtcdClient } from "../client.ts";
import { EtcdError } from "../errors.ts";
import type { EtcdMember } from "../replies.ts";

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

test("a learner is promoted once it has started, and not asked for before", async () => {
  const log: string[] = [];
  let looks = 0;
  const learner = (name: string): EtcdMember => ({
    id: "2",
    name,
    peerUrls: ["https://10.0.0.2:2380"],
    isLearner: true,
  });
  const promoted = Promise.withResolvers<void>();
  const client = {
    members: async () => {
      looks += 1;
      // The first two looks are those of the admission itself.
      if (looks === 1) return [];
      return [learner(looks < 5 ? "" : "c2")];
    },
    addLearner: async () => learner(""),
    promote: async () => {
      log.push(`promoted after ${looks} looks`);
      promoted.resolve();
    },
  } as unknown as EtcdClient;
  const admission = memberAdmission({ client, log: silentLogger() });
  const joiner = { name: "c2", peerUrl: "https://10.0.0.2:2380" };
  expect(await admission.admit(joiner, AbortSignal.timeout(10_000))).toEqual({
    kind: "member",
    initialCluster: ["c2=https://10.0.0.2:2380"],
  });
  await promoted.promise;
  await admission.stop();
  expect(log).toEqual(["promoted after 5 looks"]);
});

test.each([
  ["is gone", []],
  ["votes by now", [{ id: "2", name: "c2", peerUrls: ["https://10.0.0.2:2380"], isLearner: false }]],
])("a learner that %s is not asked for any more", async (_, later) => {
  let looks = 0;
  const client = {
    members: async () => ((looks += 1) < 3 ? [] : later),
    addLearner: async () => ({ id: "2", name: "", peerUrls: [], isLearner: true }),
    promote: () => Promise.reject(new Error("nobody was to ask for it")),
  } as unknown as EtcdClient;
  const admission = memberAdmission({ client, log: silentLogger() });
  await admission.admit({ name: "c2", peerUrl: "https://10.0.0.2:2380" }, AbortSignal.timeout(10_000));
  await Bun.sleep(300);
  await admission.stop();
  expect(looks).toBe(3);
});
