import { describe, expect, test } from "bun:test";
import { restoreArguments } from "./restored-member.ts";
import { snapshotPieces } from "./snapshot.ts";

async function* bytes(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

async function read(...texts: readonly string[]): Promise<string> {
  let whole = "";
  for await (const piece of snapshotPieces(bytes(...texts))) whole += Buffer.from(piece).toString("utf8");
  return whole;
}

const line = (text: string, remaining?: string): string =>
  `${JSON.stringify({ result: { blob: btoa(text), ...(remaining === undefined ? {} : { remaining_bytes: remaining }) } })}\n`;

describe("a snapshot by lines of JSON", () => {
  test("is the same wherever the network cuts it", async () => {
    const [one, two, digest] = ["a".repeat(200), "b".repeat(312), "c".repeat(32)] as const;
    const whole = line(one, "312") + line(two) + line(digest);
    for (let cut = 0; cut <= whole.length; cut += 1)
      expect(await read(whole.slice(0, cut), whole.slice(cut))).toBe(`${one}${two}${digest}`);
  });

  test("that ends early is an error", () => {
    expect(read(line("abc", "5"))).rejects.toThrow("cut short");
    expect(read()).rejects.toThrow("cut short");
    // Only the digest is missing.
    expect(read(line("a".repeat(512)))).rejects.toThrow("cut short");
  });

  test("in which etcd tells of a failure is one", () => {
    expect(read(line("abc", "5"), '{"error":{"message":"etcdserver: no space"}}\n')).rejects.toThrow(
      "no space",
    );
  });
});

test("a restored member is alone in a cluster of its own, ahead of what was seen since", () => {
  const member = { snapshot: "/s", dataDir: "/d", name: "n", peerUrls: ["https://10.0.0.1:2380"] };
  const [word, json = ""] = restoreArguments(member);
  const [, other = ""] = restoreArguments(member);
  expect(word).toBe("k0s-restore-snapshot");
  expect(JSON.parse(json)).toMatchObject({
    InitialCluster: "n=https://10.0.0.1:2380",
    PeerURLs: ["https://10.0.0.1:2380"],
    RevisionBump: 1_000_000_000,
    MarkCompacted: true,
  });
  expect(JSON.parse(json).InitialClusterToken).not.toBe(JSON.parse(other).InitialClusterToken);
});
