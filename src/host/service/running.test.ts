import { expect, test } from "bun:test";
import { TimeoutError } from "../../std/wait.ts";
import type { InitSystem } from "./definition.ts";
import type { ServiceHost } from "./effects.ts";
import { openRc } from "./openrc.ts";
import { recordingHost } from "./recording-host.ts";
import { endService } from "./running.ts";
import { systemd } from "./systemd.ts";
import { stopAndUninstall } from "./uninstall.ts";

const signal = new AbortController().signal;
const service = {
  name: "k0sworker",
  program: "/usr/local/bin/k0s",
  args: ["worker"],
  environment: [],
  dataDir: "/var/lib/k0s",
} as const;

const hostWith = (init: InitSystem, answers: Parameters<typeof recordingHost>[0]) => {
  const host = recordingHost(answers);
  const { path, text } = init.definition(service);
  host.files.set(path, text);
  return { host, installed: { init, name: service.name, text } };
};

test("a reset ends a service that its manager starts again and again, before its definition goes", async () => {
  const { host, installed } = hostWith(openRc, { "rc-service k0sworker status": [{ code: 0 }, { code: 3 }] });
  await stopAndUninstall(installed, host, signal);
  expect(host.ran.slice(0, 4)).toEqual([
    "rc-service k0sworker status",
    "rc-service k0sworker stop",
    "rc-service k0sworker status",
    expect.stringContaining("delete"),
  ]);
  expect(host.files.size).toBe(0);
});

test("a service that does not end keeps its definition", async () => {
  const { host, installed } = hostWith(openRc, { "rc-service k0sworker stop": { code: 1, stderr: "busy" } });
  expect(stopAndUninstall(installed, host, signal)).rejects.toThrow("busy");
  await Bun.sleep(0);
  expect(host.files.size).toBe(1);
});

test("it has ended when its manager says so, not when that was told", async () => {
  const query = "systemctl show --property=ActiveState k0sworker.service";
  const states = ["activating", "deactivating", "deactivating", "inactive"];
  const { host, installed } = hostWith(systemd, {
    [query]: states.map((state) => ({ stdout: `ActiveState=${state}\n` })),
  });
  expect(await endService(installed, host, { signal })).toBe(true);
  expect(host.ran).toEqual([query, "systemctl stop k0sworker.service", query, query, query]);
  expect(await endService(installed, host, { signal })).toBe(false);
});

test("one that never ends is told as such, with its manager's question", async () => {
  const { host, installed } = hostWith(openRc, { "rc-service k0sworker status": { code: 4 } });
  const late = await endService(installed, host, { timeoutMs: 20, signal }).catch((err: unknown) => err);
  expect(late).toMatchObject({
    name: "UserError",
    message: "OpenRC did not stop k0sworker within 20ms",
    hint: "Run `rc-service k0sworker status` to see what it does.",
  });
});

/** A manager of which one command hangs; each command is ended when its limit is over. */
const hanging = (which: string, limits: (number | undefined)[] = []): Pick<ServiceHost, "run"> => ({
  run: async (words, limit) => {
    limits.push(limit?.timeoutMs);
    await Bun.sleep(words.includes(which) ? (limit?.timeoutMs ?? 1_000) : 20);
    if (words.includes(which))
      throw new TimeoutError(`${words[0]} did not end within ${limit?.timeoutMs} ms`);
    return { code: 0, stdout: "", stderr: "" };
  },
});

test("question, command and wait share the time that is given", async () => {
  const limits: (number | undefined)[] = [];
  const ended = endService({ init: openRc, name: "k0sworker" }, hanging("stop", limits), {
    timeoutMs: 200,
    signal,
  });
  expect(await ended.catch((err: unknown) => err)).toMatchObject({
    name: "UserError",
    message: "OpenRC did not stop k0sworker within 200ms",
  });
  const [ofQuestion = Number.NaN, ofStop = Number.NaN] = limits;
  expect(limits).toHaveLength(2);
  expect(ofQuestion).toBeLessThanOrEqual(200);
  expect(ofStop).toBeLessThanOrEqual(185);
});

test("a manager that does not even answer is told without a stack", async () => {
  const ended = endService({ init: openRc, name: "k0sworker" }, hanging("status"), { timeoutMs: 20, signal });
  expect(await ended.catch((err: unknown) => err)).toMatchObject({
    name: "UserError",
    message: "OpenRC did not say within 20ms whether k0sworker runs",
  });
});
