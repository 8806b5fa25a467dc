// Debian with its OpenRC.

import { lifeOfSingleNode } from "../harness/vm/single-node-life.ts";

lifeOfSingleNode({
  system: "openrc",
  proxyMode: "ipvs",
  platform: "linux-openrc",
  log: "cat /var/log/k0s.log",
  ownChanges: [
    /^\/run\/(test-agent|initctl)/,
    // What OpenRC knows of its services, and hwclock of the clock, over a shutdown.
    /^\/(usr\/)?lib\/rc\/cache/,
    /^\/etc\/adjtime$/,
    // Logs are the user's.
    /^\/var\/log\/(k0s\.(log|err)|boot|dmesg)/,
    /^\/(run\/(udev|openrc)|sys\/fs\/cgroup)\/(?!.*(k0s|kube|cri-))/,
  ],
});
