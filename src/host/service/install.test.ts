import { expect, test } from "bun:test";
import type { ServiceDefinition } from "./definition.ts";
import { installService, restartService, startService } from "./install.ts";
import { installedService, requireService } from "./installed.ts";
import { recordingHost } from "./recording-host.ts";
import { runit } from "./runit.ts";
import { s6 } from "./s6.ts";
import { systemd } from "./systemd.ts";
import { sysV } from "./sysv.ts";
import { uninstallService } from "./uninstall.ts";

const controller: ServiceDefinition = {
  name: "k0scontroller",
  program: "/usr/local/bin/k0s",
  args: ["controller"],
  environment: [],
  dataDir: "/var/lib/k0s",
};
const signal = new AbortController().signal;
const unit = "/etc/systemd/system/k0scontroller.service";

const force = { force: true };
const plainly = { force: false };
const uninstallPlainly = { force: false, signal };

test("a new definition is written and the manager told", async () => {
  const host = recordingHost();
  expect((await installService(systemd, controller, host, plainly)).kind).toBe("write");
  expect(host.files.get(unit)).toContain("ExecStart=/usr/local/bin/k0s controller\n");
  expect(host.ran).toEqual(["systemctl daemon-reload", "systemctl enable k0scontroller.service"]);
});

test("installed again: nothing changes, but the manager is told in case that was interrupted", async () => {
  const host = recordingHost();
  await installService(systemd, controller, host, plainly);
  expect((await installService(systemd, controller, host, plainly)).kind).toBe("same");
  expect(host.ran).toHaveLength(4);
});

test("installed with other flags: the difference, and just that", async () => {
  const host = recordingHost();
  await installService(systemd, controller, host, plainly);
  const plan = await installService(
    systemd,
    { ...controller, args: ["controller", "--debug=true"] },
    host,
    plainly,
  );
  expect(plan).toEqual({
    kind: "change",
    difference: [
      "- ExecStart=/usr/local/bin/k0s controller",
      "+ ExecStart=/usr/local/bin/k0s controller --debug=true",
    ],
  });
});

test.each([
  ["[Service]\nExecStart=/bin/true\n", "was not written by k0s"],
  ["edited", "was edited after k0s wrote it"],
])("a definition that is %j is replaced by force alone", async (kind, why) => {
  const host = recordingHost();
  await installService(systemd, controller, host, plainly);
  const ours = host.files.get(unit) ?? "";
  const text = kind === "edited" ? ours.replace("RestartSec=10", "RestartSec=60") : kind;
  host.files.set(unit, text);
  expect(installService(systemd, controller, host, plainly)).rejects.toThrow(why);
  expect(host.files.get(unit)).toBe(text);
  await installService(systemd, controller, host, force);
  expect(host.files.get(unit)).toBe(ours);
});

test("a manager that refuses leaves no new definition behind", async () => {
  const host = recordingHost({ "systemctl daemon-reload": { code: 1, stderr: "Access denied" } });
  expect(installService(systemd, controller, host, plainly)).rejects.toThrow("Access denied");
  await Promise.resolve();
  expect(host.files.size).toBe(0);
});

test("an aborted installation leaves nothing that the manager made meanwhile", async () => {
  const enable = "systemctl enable k0scontroller.service";
  const host = recordingHost({ [enable]: { code: null } });
  expect(installService(systemd, controller, host, plainly)).rejects.toThrow(enable);
  await Bun.sleep(0);
  expect(host.ran.slice(-3)).toEqual([
    "anyway: systemctl disable k0scontroller.service",
    "anyway: systemctl daemon-reload",
    "anyway: systemctl reset-failed k0scontroller.service",
  ]);
  expect(host.files.size).toBe(0);
});

test("what a killed k0s left of a definition goes with the next deed", async () => {
  const host = recordingHost();
  await installService(systemd, controller, host, plainly);
  await uninstallService(await requireService(systemd, host), host, uninstallPlainly);
  expect(host.cleaned).toEqual([unit, unit]);
});

test("a host runs one k0s: the other role's service is in the way", async () => {
  const host = recordingHost();
  await installService(systemd, controller, host, plainly);
  const worker: ServiceDefinition = { ...controller, name: "k0sworker", args: ["worker"] };
  expect(installService(systemd, worker, host, force)).rejects.toThrow(
    "k0scontroller is installed on this host",
  );
});

test("starting what runs is an error, restarting what does not is a start", async () => {
  const query = "systemctl show --property=ActiveState k0scontroller.service";
  const running = recordingHost({ [query]: { stdout: "ActiveState=active\n" } });
  await installService(systemd, controller, running, plainly);
  expect(startService(await requireService(systemd, running), running, signal)).rejects.toThrow(
    "already running",
  );
  const stopped = recordingHost({ [query]: { stdout: "ActiveState=inactive\n" } });
  await installService(systemd, controller, stopped, plainly);
  await restartService(await requireService(systemd, stopped), stopped, signal);
  expect(stopped.ran.at(-1)).toBe("systemctl start k0scontroller.service");
});

test("under runit the first start makes the link that starts it at boot, too", async () => {
  const host = recordingHost();
  const manager = runit("/etc/service");
  await installService(manager, controller, host, plainly);
  expect(host.links.size).toBe(0);
  await startService(await requireService(manager, host), host, signal);
  expect(host.links.get("/etc/service/k0scontroller")).toBe("/etc/sv/k0scontroller");
  expect(host.ran.at(-1)).toBe("sv up /etc/sv/k0scontroller");
});

test("what a supervisor works in goes when it has let go", async () => {
  const host = recordingHost({ "s6-svok /etc/s6/sv/k0scontroller": { code: 1 } });
  const manager = s6("/run/service");
  await installService(manager, controller, host, plainly);
  await startService(await requireService(manager, host), host, signal);
  await uninstallService(await requireService(manager, host), host, uninstallPlainly);
  expect(host.links.size).toBe(0);
  expect(host.ran.slice(-5)).toEqual([
    "s6-svscanctl -an /run/service",
    "s6-svok /etc/s6/sv/k0scontroller",
    "rm -r /etc/s6/sv/k0scontroller/supervise",
    "rm -r /etc/s6/sv/k0scontroller/event",
    "rmdir /etc/s6/sv/k0scontroller",
  ]);
});

test("links of somebody else stay, and are an error", async () => {
  const host = recordingHost();
  host.links.set("/etc/rc3.d/S50k0scontroller", "/opt/other");
  const said = await installService(sysV, controller, host, plainly).catch((err: Error) => err.message);
  expect(said).toContain("does not lead to");
  expect([...host.links]).toEqual([["/etc/rc3.d/S50k0scontroller", "/opt/other"]]);
  expect(host.files.size).toBe(0);
});

test("uninstalling takes the definition and its links, and is refused for what was edited", async () => {
  const host = recordingHost();
  await installService(sysV, controller, host, plainly);
  expect(host.links.size).toBe(7);
  const path = sysV.definitionPath("k0scontroller");
  const ours = host.files.get(path) ?? "";
  host.files.set(path, `${ours}# mine\n`);
  expect(uninstallService(await requireService(sysV, host), host, uninstallPlainly)).rejects.toThrow(
    "not as k0s wrote it",
  );
  host.files.set(path, ours);
  await uninstallService(await requireService(sysV, host), host, uninstallPlainly);
  expect([host.files.size, host.links.size]).toEqual([0, 0]);
  expect(await installedService(sysV, host)).toBeUndefined();
  expect(requireService(sysV, host)).rejects.toThrow("k0s has not been installed as a service");
});

test("what k0s wrote is its service, also beside another's of the other name", async () => {
  const host = recordingHost();
  const worker: ServiceDefinition = { ...controller, name: "k0sworker", args: ["worker"] };
  await installService(systemd, worker, host, plainly);
  host.files.set(unit, "[Service]\nExecStart=/opt/k0s controller\n");
  expect((await requireService(systemd, host)).name).toBe("k0sworker");
});

test("links that insserv has given other numbers are not made again, and go", async () => {
  const host = recordingHost();
  await installService(sysV, controller, host, plainly);
  const others = [...host.links.keys()].map((path): [string, string] => [
    path.replace("S50", "S03").replace("K02", "K01"),
    "../init.d/k0scontroller",
  ]);
  host.links.clear();
  const foreign: [string, string] = ["/etc/rc2.d/S04k0scontroller", "../init.d/other"];
  for (const [path, target] of [...others, foreign]) host.links.set(path, target);
  await installService(sysV, controller, host, plainly);
  expect([...host.links]).toEqual([...others, foreign]);
  await uninstallService(await requireService(sysV, host), host, uninstallPlainly);
  expect([...host.links]).toEqual([foreign]);
});
