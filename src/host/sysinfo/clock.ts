// The clock: certificates, leases and tokens are compared with it.

import { releasedAfter } from "../../product/versions.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";

export const clockBehind: Finding = {
  category: "rejected",
  message: "before this release of k0s was made",
  why: "Certificates made now would have ended by the time that the clock is right, and those of other nodes are not valid yet.",
  remedy:
    "Set the clock: start a time daemon, e.g. `timedatectl set-ntp true`, or by hand `date -s 'YYYY-MM-DD hh:mm:ss'`.",
};

/** Of a host without a clock that runs on while it is off, and without a network that tells the time: it has to start all the same. */
export const clockBehindAgain: Finding = {
  category: "warning",
  message: "before this release of k0s was made",
  why: "k0s has run here before, so it starts; until the clock is right, certificates of other nodes are not valid yet, and those made now end too early.",
  remedy: clockBehind.remedy,
};

export const clockAhead: Finding = {
  category: "warning",
  message: "more than {years} years after this release of k0s was made",
  why: "Certificates made now are not valid yet for anybody whose clock is right, and those of other nodes have ended.",
  remedy:
    "Set the clock: start a time daemon, e.g. `timedatectl set-ntp true`, or by hand `date -s 'YYYY-MM-DD hh:mm:ss'`.",
};

export const clockAlone: Finding = {
  category: "warning",
  message: "no time daemon keeps it right",
  why: "Nodes whose clocks drift apart refuse each other's certificates and tokens, and leases end too early or too late.",
  remedy: "Start one: `timedatectl set-ntp true`, or install systemd-timesyncd, chrony or ntpd.",
};

/** No k0s is used for so long. */
const credibleYears = 20;
const yearMs = 365.25 * 86_400_000;

export const clockProbe: Probe = {
  id: "clock",
  displayName: "Clock",
  check: async (host) => {
    const { now, synchronised } = host.clock();
    const prop = now.toISOString();
    const ageMs = now.getTime() - releasedAfter.getTime();
    if (ageMs < 0) return found((await host.isInstalled()) ? clockBehindAgain : clockBehind, prop);
    if (ageMs > credibleYears * yearMs) return found(clockAhead, prop, { years: String(credibleYears) });
    if (synchronised !== false) return pass(prop);
    return (await host.isInContainer())
      ? pass(`${prop}, kept by the machine of this container`)
      : found(clockAlone, prop);
  },
};
