import { expect, test } from "bun:test";
import { findMembersAway, quorumTrouble } from "./quorum-trouble.ts";

const at = (last: number): string => `https://10.0.0.${last}:2380`;
const members = [1, 2, 3].map((number) => ({ name: `c${number}`, peerURLs: [at(number)] }));
const own = { memberName: "c1", peerUrls: [at(1)] };
const { signal } = new AbortController();

const away =
  (...gone: string[]) =>
  (url: string) =>
    Promise.resolve(gone.includes(url) ? "no answer within 2s" : undefined);

test("the members that do not answer are named with their addresses, this one is not asked", async () => {
  expect(await quorumTrouble(members, own, signal, away(at(1), at(2), at(3)))).toBe(
    "etcd has no quorum: c2 at https://10.0.0.2:2380: no answer within 2s; c3 at https://10.0.0.3:2380: no answer within 2s",
  );
});

test("that this member itself has moved is said, unless it is alone", async () => {
  const moved = { ...own, peerUrls: [at(9)] };
  expect(await quorumTrouble(members, moved, signal, away())).toContain(
    "the others know this member at https://10.0.0.1:2380, it is at https://10.0.0.9:2380 now",
  );
  expect(await quorumTrouble(members.slice(0, 1), moved, signal, away())).toBeUndefined();
});

test("nothing is said where nobody is to blame", async () => {
  expect(await quorumTrouble(members, own, signal, away())).toBeUndefined();
  expect(await quorumTrouble([], own, signal, away())).toBeUndefined();
});

test("the quorum is lost when those that answer are not the majority", async () => {
  const members = ["a", "b", "c"].map((name) => ({ name, peerURLs: [`https://${name}:2380`] }));
  const look = (...dead: string[]) =>
    findMembersAway(members, ["https://a:2380"], new AbortController().signal, async (url) =>
      dead.some((name) => url.includes(`//${name}:`)) ? "no answer" : undefined,
    );
  expect(await look()).toEqual({ away: [], addresses: [], quorumIsLost: false });
  expect(await look("b")).toEqual({
    away: ["b at https://b:2380: no answer"],
    addresses: ["b"],
    quorumIsLost: false,
  });
  expect((await look("b", "c")).quorumIsLost).toBe(true);
  // This host is not asked about itself.
  expect((await look("a")).away).toEqual([]);
});
