import { expect, test } from "bun:test";
import type { ManagerAnswer, ManagerRequest } from "../../host/windows-service/manager.ts";
import { UserError } from "../../std/errors.ts";
import type { WindowsStatus } from "../../node/windows/status-pipe.ts";
import {
  installOnWindows,
  startOnWindows,
  statusOnWindows,
  stopOnWindows,
  uninstallOnWindows,
  type WindowsHost,
} from "./service.ts";

const running: WindowsStatus = {
  version: "v1.37.2+k0s.0",
  pid: 12,
  node: "win-1",
  startedAt: "2026-11-27T10:00:00.000Z",
  components: [{ name: "kubelet", state: "ready" }],
};

/** A host whose service manager answers so, by what it is asked. */
function hostWith(answers: Partial<Record<ManagerRequest["op"], Partial<ManagerAnswer>>>, status = running) {
  const asked: ManagerRequest[] = [];
  const host: WindowsHost = {
    ask: (request) => {
      asked.push(request);
      return Promise.resolve({ changed: false, message: "", ...answers[request.op] });
    },
    requireElevated: () => undefined,
    status: () => Promise.resolve(status),
  };
  let [out, err] = ["", ""];
  const io = {
    env: {},
    signal: new AbortController().signal,
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  return { host, io, asked, out: () => out, err: () => err };
}

const flags = { force: false, start: false, env: [], tokenFile: "" };
const install = { flags, givenTexts: [{ name: "labels", value: "a=b" }], args: [] };

test("a service is installed with the flags that were given, and started if that is asked for", async () => {
  const { host, io, asked } = hostWith({ install: { state: "stopped" } });
  await installOnWindows({ ...install, io }, host);
  expect(asked).toEqual([
    {
      op: "install",
      name: "k0sworker",
      displayName: "k0s worker",
      description: "k0s - Zero Friction Kubernetes",
      args: ["worker", "--labels=a=b"],
      force: false,
    },
  ]);
  await installOnWindows({ ...install, flags: { ...flags, start: true }, io }, host);
  expect(asked.map(({ op }) => op)).toEqual(["install", "install", "start"]);
});

test("one that runs is ended before it is started with other flags, or it is said that it goes on with the old ones", async () => {
  const { host, io, asked, err } = hostWith({ install: { state: "running", changed: true } });
  await installOnWindows({ ...install, io }, host);
  expect(err()).toBe(
    "The service was changed.\nIt runs with what it had: `k0s stop`, then `k0s start` makes it take effect.\n",
  );
  await installOnWindows({ ...install, flags: { ...flags, start: true }, io }, host);
  expect(asked.map(({ op }) => op)).toEqual(["install", "install", "stop", "start"]);
});

test("what a service cannot have is refused before the manager is asked", async () => {
  const { host, io, asked } = hostWith({});
  expect(installOnWindows({ ...install, args: ["H4sItoken"], io }, host)).rejects.toMatchObject({
    code: "usage",
  });
  const env = installOnWindows({ ...install, flags: { ...flags, env: ["A=b"] }, io }, host);
  expect(env).rejects.toMatchObject({ code: "on-windows" });
  const user = {
    ...host,
    requireElevated: () => {
      throw new UserError("not you", { code: "not-root" });
    },
  };
  for (const deed of [
    installOnWindows({ ...install, io }, user),
    startOnWindows({ io }, user),
    stopOnWindows({ flags: { timeout: 1 }, io }, user),
    uninstallOnWindows({ io }, user),
  ])
    expect(deed).rejects.toMatchObject({ code: "not-root" });
  await Bun.sleep(0);
  expect(asked).toEqual([]);
});

test("a token file that is not there yet is told, and is not an error", async () => {
  const { host, io, err } = hostWith({ install: { state: "stopped" } });
  await installOnWindows({ ...install, flags: { ...flags, tokenFile: "/nowhere/token" }, io }, host);
  expect(err()).toBe("/nowhere/token does not exist yet: the service needs it to join\n");
});

test("failures of the manager are told in words", async () => {
  const exists = hostWith({
    install: { code: "exists", message: "the service is installed already: C:\\k0s.exe x" },
  });
  expect(installOnWindows({ ...install, io: exists.io }, exists.host)).rejects.toMatchObject({
    code: "exists",
    hint: "--force replaces it. It is C:\\k0s.exe x",
  });
  const none = hostWith({
    start: { code: "not-installed" },
    stop: { code: "stopped" },
    uninstall: { code: "failed", message: "RPC" },
  });
  expect(startOnWindows({ io: none.io }, none.host)).rejects.toThrow(
    "the service k0sworker is not installed",
  );
  expect(stopOnWindows({ flags: { timeout: 1 }, io: none.io }, none.host)).rejects.toThrow("already stopped");
  expect(uninstallOnWindows({ io: none.io }, none.host)).rejects.toThrow("cannot do that: RPC");
});

test("status: the service, the components, and an exit code by both", async () => {
  const well = hostWith({ query: { state: "running" } });
  expect(await statusOnWindows({ flags: { out: "", statusSocket: "" }, io: well.io }, well.host)).toBe(0);
  expect(well.out()).toContain("Service: running\nComponents:\n  kubelet: ready\n");
  const waiting = {
    ...running,
    problem: "no API server answers",
    components: [{ name: "kubelet", state: "created" }],
  };
  const ill = hostWith({ query: { code: "not-installed" } }, waiting);
  expect(await statusOnWindows({ flags: { out: "", statusSocket: "" }, io: ill.io }, ill.host)).toBe(1);
  expect(ill.out()).toContain("Service: none\nWaiting: no API server answers\n");
  expect(await statusOnWindows({ flags: { out: "json", statusSocket: "" }, io: ill.io }, ill.host)).toBe(0);
});
