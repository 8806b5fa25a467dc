// Debian with systemd, on cgroup v2.

import { lifeOfSingleNode } from "../harness/vm/single-node-life.ts";

lifeOfSingleNode({
  system: "systemd",
  proxyMode: "nftables",
  platform: "linux-systemd",
  log: "journalctl -u k0scontroller",
  ownChanges: [
    /^\/run\/(test-agent|log)\//,
    /^\/(var\/)?tmp\/systemd-private-/,
    // The journal sets a file aside that a power cut has left open.
    /^\/var\/log\/journal\//,
    /^\/(run\/(udev|systemd)|var\/lib\/systemd|sys\/fs\/cgroup\/(system|user)\.slice)\/(?!.*(k0s|kube|cri-))/,
  ],
});
