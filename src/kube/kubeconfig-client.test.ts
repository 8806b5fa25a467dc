// Credentials on disk that change under the reader.

import { afterEach, beforeEach, expect, setSystemTime, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeconfigCredentials } from "./kubeconfig-client.ts";
import { type Connections, createTransport, type Credentials } from "./transport.ts";

let dir: string;
let path: string;
let pem: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-kubeconfig-"));
  path = join(dir, "kubelet.conf");
  pem = join(dir, "kubelet-client-current.pem");
  const named = { name: "x" };
  const kubeconfig = {
    "current-context": "x",
    clusters: [{ ...named, cluster: { server: "https://127.0.0.1:6443" } }],
    contexts: [{ ...named, context: { cluster: "x", user: "x" } }],
    users: [{ ...named, user: { "client-certificate": pem, "client-key": pem } }],
  };
  await writeFile(path, JSON.stringify(kubeconfig));
  await writeFile(pem, "first");
});
afterEach(async () => {
  setSystemTime();
  await rm(dir, { recursive: true, force: true });
});

test("certificate and key of one file are of one reading", async () => {
  await rm(pem);
  await Bun.$`mkfifo ${pem}`;
  // Each one that opens it gets another text.
  const writer = Bun.spawn(["sh", "-c", 'for text in first second; do echo "$text" > "$0"; done', pem]);
  try {
    const { cert, key } = await kubeconfigCredentials(path)();
    // The second writer may come before the first reading ends.
    expect(cert).toStartWith("first\n");
    expect(key).toBe(cert ?? "");
  } finally {
    writer.kill();
    await writer.exited;
  }
});

test("they are read again after a minute of the monotonic clock, whatever the wall clock does", async () => {
  let clock = 0;
  const credentials = kubeconfigCredentials(path, () => clock);
  expect((await credentials()).cert).toBe("first");
  await writeFile(pem, "second");
  setSystemTime(Date.now() + 86_400_000);
  expect((await credentials()).cert).toBe("first");
  setSystemTime(Date.now() - 2 * 86_400_000);
  clock = 60_000;
  expect((await credentials()).cert).toBe("second");
});

test("a reading that failed is not kept", async () => {
  await rm(pem);
  const credentials = kubeconfigCredentials(path);
  const both = await Promise.allSettled([credentials(), credentials()]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await writeFile(pem, "back");
  expect((await credentials()).cert).toBe("back");
});

test("connections are opened again for other credentials, not for the same ones read again", async () => {
  const opened: (string | undefined)[] = [];
  let closed = 0;
  let current: Credentials = { cert: "first", key: "k" };
  const connect = (_: string, { cert }: Credentials): Connections => {
    opened.push(cert);
    return { fetch: async () => new Response("{}"), close: () => void (closed += 1) };
  };
  const transport = createTransport({
    server: "https://127.0.0.1:6443",
    credentials: () => ({ ...current }),
    connect,
  });
  for (let index = 0; index < 3; index++) await transport.sendJson({ path: "/version" });
  expect([opened, closed]).toEqual([["first"], 0]);
  current = { cert: "second", key: "k" };
  await transport.sendJson({ path: "/version" });
  expect([opened, closed]).toEqual([["first", "second"], 1]);
});
