import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acceptsConnections } from "../os/unix-socket.ts";
import { directFetch } from "../std/direct-fetch.ts";
import { silentLogger } from "../std/logfmt.ts";
import { pollUntil } from "../std/wait.ts";
import type { Component } from "../supervisor/component.ts";
import { statusSocket } from "./socket.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-socket-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const path = () => join(dir, "status.sock");
const until = (what: string, probe: () => boolean | Promise<boolean>) =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 5_000 });

function socket(name: string): Component {
  return statusSocket({
    path: path(),
    runDir: dir,
    log: silentLogger(),
    everyMs: 20,
    serve: (unix) => Bun.serve({ unix, fetch: () => new Response(name) }),
  });
}

const never = new AbortController().signal;
const whoAnswers = async (): Promise<string> =>
  (await directFetch("http://localhost/", { unix: path(), keepalive: false })).text();

test("whoever removes the socket hides k0s until the next look only", async () => {
  const ours = socket("ours");
  await ours.start(never);
  for (let turn = 0; turn < 2; turn++) {
    unlinkSync(path());
    await until("the socket", () => existsSync(path()));
    expect(await acceptsConnections(path())).toBe(true);
    expect(await whoAnswers()).toBe("ours");
  }
  await ours.stop();
  expect(existsSync(path())).toBe(false);
});

test("one who listens there meanwhile keeps it, also when we stop", async () => {
  const ours = socket("ours");
  await ours.start(never);
  unlinkSync(path());
  const other = Bun.serve({ unix: path(), fetch: () => new Response("other") });
  const before = statSync(path()).ino;
  await Bun.sleep(100);
  expect(await whoAnswers()).toBe("other");
  await ours.stop();
  expect(statSync(path()).ino).toBe(before);
  expect(await whoAnswers()).toBe("other");
  await other.stop(true);
});

test("what a dead one has put there is replaced", async () => {
  const ours = socket("ours");
  await ours.start(never);
  unlinkSync(path());
  await Bun.write(path(), "");
  await until("the socket", () => acceptsConnections(path()));
  await ours.stop();
});
