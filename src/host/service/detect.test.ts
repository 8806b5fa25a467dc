import { expect, test } from "bun:test";
import { detectInitSystem } from "./detect.ts";

test.each([
  ["systemd", ["/sbin/init"], ["/run/systemd/system"], ["systemctl"], "linux-systemd"],
  ["OpenRC", ["/sbin/init"], ["/run/openrc", "/etc/init.d"], ["rc-service", "rc-update"], "linux-openrc"],
  ["runit", ["runit"], ["/etc/service"], ["sv"], "linux-runit"],
  ["runit on Void", ["runit"], ["/var/service"], ["sv"], "linux-runit"],
  ["s6", ["s6-svscan", "-t0", "/run/service"], [], ["s6-svc", "s6-svscanctl"], "linux-s6"],
  ["busybox' init, without scripts", ["init"], [], [], undefined],
  ["System V init", ["init [2]  "], ["/etc/init.d", "/etc/rc2.d"], [], "unix-systemv"],
  [
    "System V init before its first runlevel",
    ["/sbin/init"],
    ["/etc/init.d", "/etc/rc2.d"],
    [],
    "unix-systemv",
  ],
  ["a container", ["sleep", "inf"], ["/etc/init.d", "/etc/rc2.d"], ["systemctl"], undefined],
  ["runit's tools without runit", ["/sbin/init"], ["/etc/service"], ["sv"], undefined],
])("%s", async (_, init, paths, programs, platform) => {
  const host = {
    init,
    exists: async (path: string) => paths.includes(path),
    hasProgram: (name: string) => programs.includes(name),
  };
  expect((await detectInitSystem(host))?.platform).toBe(platform);
});
