// How a machine comes to run a service manager: its real first process, in a PID namespace inside of the machine, so that the machine's own
// first process goes on ending it with its owner. All are Debian's packages in one root.

import type { ServiceHostName } from "./serviced-machine.ts";

export interface InitSystemBoot {
  /** The first process of the namespace. */
  readonly init: readonly string[];
  /** A shell script: what a distribution's installer would have set up. */
  readonly prepare: string;
  /** What the first steps of a boot put into memory. */
  readonly beforeBoot: string;
  /** Succeeds once the manager can be told something. */
  readonly booted: string;
}

/** Debian's own lines for terminals are left out: a machine has none. */
const inittab = (sysinit: string, level: string): string => `cat >/etc/inittab <<'END'
id:2:initdefault:
si::sysinit:${sysinit}
l2:2:wait:${level}
END`;

/** What would change this host's kernel, clock or modules, or needs them. */
const masked = [
  "systemd-sysctl.service",
  "systemd-modules-load.service",
  "systemd-journald-audit.socket",
  "systemd-random-seed.service",
  "sys-kernel-debug.mount",
  "sys-kernel-tracing.mount",
  "sys-fs-fuse-connections.mount",
  "proc-sys-fs-binfmt_misc.automount",
  "dev-hugepages.mount",
  "getty.target",
];

export const bootOf: Readonly<Record<ServiceHostName, InitSystemBoot>> = {
  systemd: {
    init: ["env", "container=sandbox", "/lib/systemd/systemd", "--log-target=console", "--show-status=0"],
    prepare: `cd /etc/systemd/system; for unit in ${masked.join(" ")}; do ln -s /dev/null $unit; done
      mkdir -p /etc/systemd/journald.conf.d; printf '[Journal]\\nAudit=no\\n' >/etc/systemd/journald.conf.d/test.conf`,
    beforeBoot: "",
    // A target is active a moment before what writes that down has ended.
    booted: "systemctl is-system-running | grep -qx -e running -e degraded",
  },
  OpenRC: {
    init: ["/sbin/init"],
    // As Debian boots it, in a container, without what would change this host's kernel or clock; nothing provides `net` there, as on a host whose network OpenRC does not know of.
    prepare: `${inittab("/etc/init.d/rcS", "/etc/init.d/rc 2")}
      cd /etc/runlevels; find sysinit default -type l ! -name cgroups -delete
      echo 'rc_sys="lxc"' >>/etc/rc.conf`,
    beforeBoot: "",
    booted: "rc-status --runlevel | grep -qx default",
  },
  runit: {
    init: ["/sbin/runit"],
    prepare: `printf '#!/bin/sh\\nexit 0\\n' >/etc/runit/1; printf '#!/bin/sh\\nexec runsvdir -P /etc/service\\n' >/etc/runit/2
      chmod +x /etc/runit/1 /etc/runit/2`,
    beforeBoot: "",
    booted: "pgrep -x runsvdir",
  },
  s6: {
    init: ["/usr/bin/s6-svscan", "-t0", "/run/service"],
    // As s6-linux-init: the directory that is scanned is in memory, and filled at boot.
    prepare: `mkdir -p /etc/s6-linux-init/current/run-image/service`,
    beforeBoot: "cp -a /etc/s6-linux-init/current/run-image/. /run/",
    booted: "test -p /run/service/.s6-svscan/control",
  },
  "System V init": {
    init: ["/sbin/init"],
    // As Debian's sysv-rc, which cannot be installed beside OpenRC.
    prepare: `${inittab("/bin/true", "/etc/start-level 2")}
      printf '#!/bin/sh\\nfor one in /etc/rc$1.d/S*k0s*; do [ -e "$one" ] && "$one" start; done\\ntouch /run/level\\n' >/etc/start-level
      chmod +x /etc/start-level`,
    beforeBoot: "",
    booted: "test -e /run/level",
  },
};
