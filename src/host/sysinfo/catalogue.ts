// Every finding with an example of what it names: docs/preflight.md is made of it.

import {
  cgroupsOld,
  cgroupsUnmounted,
  controllerMissing,
  controllerUnknown,
  optionalControllerMissing,
} from "./cgroup-probes.ts";
import { notLinux } from "./checks.ts";
import { clockAhead, clockAlone, clockBehind, clockBehindAgain } from "./clock.ts";
import { configurationUnusable, configurationWithoutEffect } from "./configuration.ts";
import {
  snippetOfOldSection,
  snippetOfOtherVersion,
  snippetRefused,
  snippetUnreadable,
} from "./containerd-snippets.ts";
import {
  diskFull,
  diskNearlyFull,
  fileSystemUnfit,
  fileSystemUnknown,
  inodesUsedUp,
  notExecutable,
  readOnly,
} from "./data-directory.ts";
import { type Finding, found, type Values } from "./finding.ts";
import { lastingText } from "./firewall/commands.ts";
import { firewalldDistrusts, hostClosedToPods, podsNotForwarded, portsClosed } from "./firewall/findings.ts";
import { hostNameCapitals, hostNameEverywhere, hostNameInvalid, hostNameUnknown } from "./host-name.ts";
import { ipv6Off, ipv6WithoutAddress } from "./ipv6.ts";
import { kernelConfigUnknown, optionNeeded, optionUseful } from "./kernel-probes.ts";
import { otherDistribution, otherLinks, otherRules } from "./leftovers.ts";
import { notLookedAt } from "./lenient.ts";
import { fewOpenFiles, kernelOld, procUnusable, toolMissing } from "./linux-probes.ts";
import { localhostElsewhere, noHostsFile } from "./localhost.ts";
import { memoryLow, memoryTaken } from "./memory.ts";
import { networkHidden } from "./network-configuration.ts";
import { podLinksTaken } from "./networkd.ts";
import { networksOverlap } from "./network-overlap.ts";
import { portTaken } from "./port-probes.ts";
import type { Outcome } from "./probe.ts";
import { loopbackNameServers, noNameServer } from "./resolver.ts";
import { appArmorWithoutParser, seLinuxWithoutLabels } from "./security-modules.ts";
import { swapWithSecrets } from "./swap.ts";

export interface Example {
  /** The display name of the probe. */
  readonly check: string;
  readonly outcome: Outcome;
}

const example = (check: string, finding: Finding, prop: string, values: Values = {}): Example => ({
  check,
  outcome: found(finding, prop, values),
});

const dir = "/var/lib/k0s";
const name = "node-1";

/** In the order of the probes. */
export const examples: readonly Example[] = [
  example("Total memory", memoryLow, "512 MiB", { wanted: "1.0 GiB" }),
  example(`File system of ${dir}`, fileSystemUnknown, "unknown", { dir }),
  example(`File system of ${dir}`, fileSystemUnfit, "nfs4", { dir }),
  example(`Disk space available for ${dir}`, diskFull, "1.0 GiB", { wanted: "1.8 GiB" }),
  example(`Relative disk space available for ${dir}`, diskNearlyFull, "9%", { wanted: "15%" }),
  example(`Inodes available for ${dir}`, inodesUsedUp, "1%", { mount: "/var" }),
  example(`Mount options of ${dir}`, readOnly, "/var", { mount: "/var" }),
  example(`Mount options of ${dir}`, notExecutable, "/var", { mount: "/var" }),
  example("Name resolution: localhost", noHostsFile, ""),
  example("Name resolution: localhost", localhostElsewhere, "[192.0.2.1]"),
  example("Containerd config snippet: FILE", snippetUnreadable, "line 7", {
    error: "Expected ']' to close a table header",
  }),
  example("Containerd config snippet: FILE", snippetOfOtherVersion, "version 2, line 1"),
  example("Containerd config snippet: FILE", snippetOfOldSection, "line 3"),
  example("Containerd config snippet: FILE", snippetRefused, "line 4", {
    problem: 'plugins."io.containerd.cri.v1.runtime".cni.bin_dirs has to be a list of strings',
  }),
  example("Network configuration in /etc/cni/net.d", networkHidden, "05-cilium.conflist (cilium-cni)", {
    file: "/etc/cni/net.d/05-cilium.conflist",
  }),
  example("Operating system", notLinux, "darwin"),
  example("Linux kernel release", kernelOld, "2.6.32", { what: "expected at least 3.10" }),
  example("Max. file descriptors per process", fewOpenFiles, "current: 1024 / max: 4096", {
    wanted: "65536",
  }),
  example("AppArmor", appArmorWithoutParser, "active"),
  example("SELinux", seLinuxWithoutLabels, "enforcing", { dir }),
  example("Executable in PATH: mount", toolMissing, ""),
  example("/proc file system", procUnusable, "0xef53"),
  example("Control Groups", cgroupsOld, "version 1"),
  example("Control Groups", cgroupsUnmounted, ""),
  example('cgroup controller "memory"', controllerMissing, "unavailable"),
  example('cgroup controller "hugetlb"', optionalControllerMissing, "unavailable"),
  example('cgroup controller "devices"', controllerUnknown, "unknown"),
  example("Kernel configuration", kernelConfigUnknown, "unknown"),
  example("CONFIG_NET: Networking support", optionNeeded, "left out"),
  example("CONFIG_IP_VS: IP virtual server support", optionUseful, "left out"),
  example("Clock", clockBehind, "1970-01-01T00:00:10.000Z"),
  example("Clock", clockBehindAgain, "1970-01-01T00:00:10.000Z"),
  example("Clock", clockAhead, "2099-01-01T00:00:00.000Z", { years: "20" }),
  example("Clock", clockAlone, "2027-01-01T00:00:00.000Z"),
  example("Host name", hostNameInvalid, "my_host", { name: "my-host" }),
  example("Host name", hostNameEverywhere, "localhost", { name }),
  example("Host name", hostNameCapitals, "Node-1", { name }),
  example("Available memory", memoryTaken, "200 MiB", { wanted: "700 MiB" }),
  example("Swap", swapWithSecrets, "/dev/sda5 (1.0 GiB)"),
  example("Networks of this host", networksOverlap, "eth0 10.96.3.4/16", {
    cidr: "10.96.0.0/12",
    whose: "services",
    field: "spec.network.serviceCIDR",
    address: "10.96.3.4/16",
    interface: "eth0",
  }),
  example("systemd-networkd", podLinksTaken, "/etc/systemd/network/wired.network", {
    file: "/etc/systemd/network/wired.network",
  }),
  example("IPv6", ipv6Off, ""),
  example("IPv6", ipv6WithoutAddress, ""),
  example("Configuration", configurationUnusable, "", { error: 'spec.api.port: "x" is no number' }),
  example("Configuration", configurationWithoutEffect, "", {
    warnings:
      "spec.network.kuberouter.hairpinMode: false is not used: hairpin has taken its place, and is Enabled",
  }),
  example("Name resolution: the host's own name", hostNameUnknown, name, { name }),
  example("Port 6443", portTaken, "in use by nginx, pid 812, /usr/sbin/nginx", {
    process: "kube-apiserver",
    kill: " (`kill 812`, or its service)",
    move: ", or choose another port with spec.api.port",
  }),
  example("Name servers in /etc/resolv.conf", noNameServer, ""),
  example("Name servers in /etc/resolv.conf", loopbackNameServers, "127.0.0.1"),
  example("firewalld", firewalldDistrusts, "running", {
    networks: "10.244.0.0/16",
    commands: "firewall-cmd --permanent --zone=trusted --add-source=10.244.0.0/16",
  }),
  example("Chain inet filter forward of nft", podsNotForwarded, "policy drop", {
    commands:
      "nft insert rule inet filter forward ip saddr 10.244.0.0/16 accept; nft insert rule inet filter forward ip daddr 10.244.0.0/16 accept",
    lasting: lastingText("nft"),
  }),
  example("Chain INPUT of ufw", hostClosedToPods, "policy drop", {
    commands: "ufw allow from 10.244.0.0/16; ufw allow 6443/tcp",
    lasting: lastingText("ufw"),
  }),
  example("Chain INPUT of iptables", portsClosed, "policy drop", {
    ports: "6443/tcp",
    commands: "iptables -I INPUT -p tcp --dport 6443 -j ACCEPT",
    lasting: lastingText("iptables"),
  }),
  example("Firewall", notLookedAt, "", { error: "nft did not end within 30000 ms" }),
  example("k3s", otherDistribution, "/usr/local/bin/k3s-uninstall.sh", {
    command: "/usr/local/bin/k3s-uninstall.sh",
  }),
  example("Links of other clusters", otherLinks, "cni0", { command: "ip link delete cni0" }),
  example("Packet filter rules of other clusters", otherRules, "iptables", { count: "42" }),
];
