import { expect, test } from "bun:test";
import type { EtcdClient } from "./client.ts";
import { quorumTrouble } from "./quorum-trouble.ts";

const urls = { a1: "https://10.0.0.1:2380", b2: "https://10.0.0.2:2380", c3: "https://10.0.0.3:2380" };
const { signal } = new AbortController();

function client(leader: string): EtcdClient {
  const members = Object.entries(urls).map(([id, url]) => ({
    id,
    name: `n-${id}`,
    peerUrls: [url],
    isLearner: false,
  }));
  return {
    members: (options: { agreed?: boolean } = {}) =>
      options.agreed === false ? Promise.resolve(members) : Promise.reject(new Error("no quorum")),
    status: () => Promise.resolve({ memberId: "a1", leader }),
  } as unknown as EtcdClient;
}

const away =
  (...gone: string[]) =>
  (url: string) =>
    Promise.resolve(gone.includes(url) ? "no answer within 2s" : undefined);

test("the members that do not answer are named with their addresses", async () => {
  expect(await quorumTrouble(client("0"), [urls.a1], signal, away(urls.b2, urls.c3))).toBe(
    "etcd has no leader: n-b2 at https://10.0.0.2:2380: no answer within 2s; n-c3 at https://10.0.0.3:2380: no answer within 2s",
  );
});

test("that this member itself has moved is said", async () => {
  expect(await quorumTrouble(client("0"), ["https://10.0.0.9:2380"], signal, away())).toContain(
    "the others know this member at https://10.0.0.1:2380, it is at https://10.0.0.9:2380 now",
  );
});

test("nothing is said where there is a leader, or nothing to blame", async () => {
  expect(await quorumTrouble(client("b2"), [urls.a1], signal, away(urls.b2))).toBeUndefined();
  expect(await quorumTrouble(client("0"), [urls.a1], signal, away())).toBeUndefined();
});
