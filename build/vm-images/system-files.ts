// What an image has beside Debian's packages and k0s: settings of the system, and the service of the first boot.

import type { AddedFile } from "../vm/disk.ts";
import { systemLabel } from "./disk-layout.ts";
import { systemConfig } from "./loader-files.ts";

const enabled = (unit: string, by: string): AddedFile => ({
  path: `etc/systemd/system/${by}.wants/${unit}`,
  to: `/lib/systemd/system/${unit}`,
});

const firstBootPath = "/usr/local/lib/k0s/first-boot";

/** After cloud-init has written its files and named the host; before the commands of a user's `runcmd`. */
const firstBootUnit = `[Unit]
Description=Makes k0s a service, as the seed of this machine says
After=cloud-init.service cloud-config.service network-online.target
Wants=network-online.target
ConditionPathExists=!/var/lib/k0s-first-boot/done

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${firstBootPath}
StandardOutput=journal+console

[Install]
WantedBy=multi-user.target
`;

/**
 * cloud-init runs with a seed and without: it makes the host's keys, and lets the file system grow. Data sources that are
 * asked over the network are left out, since each of them is waited for.
 */
const cloudInit = `datasource_list: [NoCloud, ConfigDrive, None]
warnings:
  dsid_missing_source: off
locale: C.UTF-8
ssh_genkeytypes: [rsa, ecdsa, ed25519]
ssh:
  emit_keys_to_console: false
system_info:
  network:
    renderers: [networkd]
`;

/** `firstBoot`: the script. */
export function systemFiles(firstBoot: string): readonly AddedFile[] {
  return [
    { path: "etc/fstab", text: `LABEL=${systemLabel} / ext4 defaults,errors=remount-ro 0 1\n` },
    { path: "etc/hosts", text: "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n" },
    // Each machine gets one of its own.
    { path: "etc/machine-id", text: "" },
    { path: "var/lib/dbus/machine-id", to: "/etc/machine-id" },
    { path: "etc/resolv.conf", to: "../run/systemd/resolve/stub-resolv.conf" },
    { path: "etc/cloud/cloud.cfg.d/90-k0s.cfg", text: cloudInit },
    { path: "etc/cloud/ds-identify.cfg", text: "policy: search,found=all,maybe=all,notfound=enabled\n" },
    {
      path: "etc/systemd/system/systemd-networkd-wait-online.service.d/any.conf",
      text: "[Service]\nExecStart=\nExecStart=/lib/systemd/systemd-networkd-wait-online --any\n",
    },
    enabled("systemd-networkd.service", "multi-user.target"),
    enabled("systemd-networkd.socket", "sockets.target"),
    enabled("systemd-networkd-wait-online.service", "network-online.target"),
    { path: "boot/grub/grub.cfg", text: systemConfig },
    { path: firstBootPath.slice(1), text: firstBoot, mode: 0o755 },
    { path: "lib/systemd/system/k0s-first-boot.service", text: firstBootUnit },
    enabled("k0s-first-boot.service", "multi-user.target"),
  ];
}

/** What the installation has left that no two machines may share, that is the build host's own, or that nobody needs. */
export const removedFiles = [
  "etc/hostname",
  "etc/ssh/ssh_host_*",
  "var/cache/apt/archives/*.deb",
  "var/cache/apt/*.bin",
  "var/log/bootstrap.log",
  "var/lib/systemd/random-seed",
];
