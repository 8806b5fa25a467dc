import { expect, test } from "bun:test";
import { systemd } from "../service/systemd.ts";
import { hasSignedService, observeService } from "./observe-service.ts";

const { path, text } = systemd.definition({
  name: "k0sworker",
  program: "/usr/local/bin/k0s",
  args: ["worker"],
  environment: [],
  dataDir: "/srv/k0s",
});
const hostWith = (content: string) => ({
  read: async (file: string) => (file === path ? content : undefined),
});

test("the service of this data directory goes, also if it was edited", async () => {
  for (const content of [text, text.replace("RestartSec=10", "RestartSec=1")])
    expect((await observeService(systemd, hostWith(content), "/srv/k0s")).service?.name).toBe("k0sworker");
});

test("that of another installation, and what k0s did not write, is left alone and named", async () => {
  expect(await observeService(systemd, hostWith(text), "/var/lib/k0s")).toEqual({
    service: undefined,
    leftAlone: [`${path} (of another data directory)`],
  });
  const foreign = "[Service]\nExecStart=/usr/local/bin/k0s worker\n";
  expect(await observeService(systemd, hostWith(foreign), "/srv/k0s")).toEqual({
    service: undefined,
    leftAlone: [`${path} (not written by k0s)`],
  });
});

test("another's definition under the other name is left alone, and hides nothing", async () => {
  const other = systemd.definitionPath("k0scontroller");
  const host = { read: async (file: string) => ({ [path]: text, [other]: "[Service]\n" })[file] };
  const seen = await observeService(systemd, host, "/srv/k0s");
  expect([seen.service?.name, seen.leftAlone]).toEqual(["k0sworker", [`${other} (not written by k0s)`]]);
});

test("where k0s has never started, only a definition as k0s wrote it, for this directory, proves itself", async () => {
  const proves = (content: string, dataDir = "/srv/k0s") =>
    hasSignedService(systemd, hostWith(content), dataDir);
  expect(await proves(text)).toBe(true);
  expect(await proves(text, "/var/lib/k0s")).toBe(false);
  expect(await proves(text.replace("RestartSec=10", "RestartSec=1"))).toBe(false);
  expect(await proves("[Service]\nExecStart=/usr/local/bin/k0s worker\n")).toBe(false);
  expect(await hasSignedService(undefined, hostWith(text), "/srv/k0s")).toBe(false);
});

test("a host without a service or a manager has nothing to remove", async () => {
  const nothing = { service: undefined, leftAlone: [] };
  expect(await observeService(systemd, { read: async () => undefined }, "/srv/k0s")).toEqual(nothing);
  expect(await observeService(undefined, hostWith(text), "/srv/k0s")).toEqual(nothing);
});
