// What fails on the way from one set of ports to the next must not cut the node off.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodePaths } from "../../product/paths.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import type { WorkerSettings } from "../worker-config/schema.ts";
import { type NodeLocalBalancer, nodeLocalBalancer } from "./balancer.ts";
import { anchor } from "../../std/testdata/anchors.ts";

let dir: string;
let balancer: NodeLocalBalancer;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "balancer-"));
  balancer = nodeLocalBalancer({
    paths: { ...nodePaths({ dataDir: dir, root: true }), runDir: dir },
    log: silentLog,
    cluster: () => ({ server: "https://127.0.0.1:1", ca: anchor }),
    credentials: () => Promise.reject(new Error("none")),
  });
  cleanups.push(() => balancer.stop());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  await rm(dir, { recursive: true, force: true });
});

function settings(apiServerBindPort: number, konnectivityServerBindPort: number): WorkerSettings {
  return {
    apiServerAddresses: ["127.0.0.1:1"],
    nodeLocalLoadBalancing: {
      enabled: true,
      type: "EnvoyProxy",
      envoyProxy: { apiServerBindPort, konnectivityServerBindPort },
    },
    konnectivity: { enabled: true, agentPort: 1 },
  } as unknown as WorkerSettings;
}

/** Of nobody: for a moment, at least. */
function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  listener.stop(true);
  return listener.port;
}

function takenPort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  cleanups.push(() => listener.stop(true));
  return listener.port;
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: "127.0.0.1", port });
  socket.once("connect", () => resolve(true));
  socket.once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}

const kubeconfig = (): Promise<string> => readFile(balancer.kubeconfig(), "utf8");

test("a new port that is taken leaves the old way open, whichever of the two it is", async () => {
  const [api, konnectivity] = [freePort(), freePort()];
  expect(await balancer.apply(settings(api, konnectivity))).toBe(true);
  for (const next of [settings(takenPort(), konnectivity), settings(freePort(), takenPort())]) {
    expect(balancer.apply(next)).rejects.toThrow("is in use");
    expect([await accepts(api), await accepts(konnectivity)]).toEqual([true, true]);
    expect(await kubeconfig()).toContain(`https://127.0.0.1:${api}`);
  }
  // And what began beside it is gone, so that the next try finds its ports free.
  const [otherApi, otherKonnectivity] = [freePort(), freePort()];
  expect(balancer.apply(settings(otherApi, takenPort()))).rejects.toThrow("is in use");
  expect(await accepts(otherApi)).toBe(false);
  expect(await balancer.apply(settings(otherApi, otherKonnectivity))).toBe(true);
  expect(await kubeconfig()).toContain(`https://127.0.0.1:${otherApi}`);
  expect([await accepts(otherApi), await accepts(otherKonnectivity)]).toEqual([true, true]);
  expect([await accepts(api), await accepts(konnectivity)]).toEqual([false, false]);
});

test("the two ports change places, and stay where they are when something else fails", async () => {
  const [one, two] = [freePort(), freePort()];
  await balancer.apply(settings(one, two));
  // What the API is to have is there, what konnectivity is to have is somebody else's.
  for (const next of [settings(two, takenPort()), settings(takenPort(), one)]) {
    expect(balancer.apply(next)).rejects.toThrow("is in use");
    await balancer.apply(settings(one, two));
    expect([await accepts(one), await accepts(two)]).toEqual([true, true]);
    expect(await kubeconfig()).toContain(`https://127.0.0.1:${one}`);
  }
  const client = connect({ host: "127.0.0.1", port: one });
  cleanups.push(() => client.destroy());
  await new Promise<void>((resolve) => client.once("connect", resolve));
  expect(await balancer.apply(settings(two, one))).toBe(true);
  expect(await kubeconfig()).toContain(`https://127.0.0.1:${two}`);
  expect([await accepts(one), await accepts(two)]).toEqual([true, true]);
  // One moves on, the other one moves up.
  const three = freePort();
  expect(await balancer.apply(settings(one, three))).toBe(true);
  expect([await accepts(one), await accepts(two), await accepts(three)]).toEqual([true, false, true]);
});

test("a stop in the middle of a change of ports is the end: nothing listens any more", async () => {
  const [one, two] = [freePort(), freePort()];
  await balancer.apply(settings(one, two));
  const changing = balancer.apply(settings(two, one)).then(() => "changed", String);
  // The ports have changed places, the kubeconfig is being written.
  await Promise.resolve();
  await Promise.resolve();
  balancer.stop();
  expect(await changing).toContain("the load balancer is stopped");
  expect([await accepts(one), await accepts(two)]).toEqual([false, false]);
});
