// The virtual addresses of the control plane as a component: one virtual router for each instance of
// spec.network.controlPlaneLoadBalancing. Upstream: pkg/component/controller/cplb/cplb_linux.go; docs/adr/0026.

import { readFile } from "node:fs/promises";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { type HostAddress, hostAddresses } from "../../os/addresses.ts";
import { run, runOrThrow } from "../../os/exec.ts";
import { UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import type { Component, Dependency } from "../../supervisor/component.ts";
import { type HostLink, instanceSettings } from "./instance-settings.ts";
import { type AddressKeeper, VirtualRouter } from "./virtual-router.ts";

export interface VirtualIpsOptions {
  readonly config: NodeConfig;
  readonly log: Logger;
  /** Path of the program `ip`. */
  readonly ip: string;
  readonly dependsOn: readonly Dependency[];
}

export function virtualIps({ config, log, ip, dependsOn }: VirtualIpsOptions): Component {
  const name = "virtual-ips";
  let routers: readonly VirtualRouter[] = [];
  return {
    name,
    dependsOn,
    start: async () => {
      const { vrrpInstances } = config.spec.network.controlPlaneLoadBalancing.keepalived;
      const host = {
        links: hostLinks(),
        defaultLink: defaultLink(await readFile("/proc/net/route", "utf8")),
      };
      const settings = instanceSettings(vrrpInstances, config.spec.api.address, host);
      const keeper = addressKeeper(ip);
      routers = settings.map((one) => new VirtualRouter(one, keeper, log.with({ component: name })));
      await Promise.all(routers.map((router) => router.start()));
    },
    health: async () => routers.forEach((router) => router.health()),
    stop: async () => void (await Promise.all(routers.map((router) => router.stop()))),
  };
}

/** They leave by themselves when a killed k0s does not prolong their stay, and are never chosen as a source. */
const stay = ["valid_lft", "10", "preferred_lft", "0"];

/** A program that hangs must not keep the next change from the interface; well below their stay. */
const timeoutMs = 3_000;

export function addressKeeper(ip: string): AddressKeeper {
  return {
    keep: async (cidr, link) =>
      void (await runOrThrow(ip, ["address", "replace", cidr, "dev", link, "noprefixroute", ...stay], {
        timeoutMs,
      })),
    remove: async (cidr, link) => {
      const result = await run(ip, ["address", "delete", cidr, "dev", link], { timeoutMs });
      const absent = /Cannot assign requested address|Address not found/.test(result.stderr);
      if (result.code === 0 || absent) return;
      throw new UserError(`cannot remove the virtual address ${cidr} from ${link}: ${result.stderr.trim()}`);
    },
  };
}

function hostLinks(): HostLink[] {
  const links = new Map<string, HostAddress[]>();
  for (const address of hostAddresses())
    links.set(address.interface, [...(links.get(address.interface) ?? []), address]);
  return [...links].map(([name, addresses]) => ({
    name,
    hardwareAddress: addresses[0]?.hardwareAddress ?? "",
    addresses: addresses.filter(({ family }) => family === 4).map(({ address }) => address),
  }));
}

/** The interface of the default route in the text of /proc/net/route. */
export function defaultLink(table: string): string | undefined {
  const rows = table.split("\n").map((line) => line.split("\t"));
  return rows.find(
    ([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000",
  )?.[0];
}
