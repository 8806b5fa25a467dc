// Virtual machines as hosts of a sandbox' network: the machines there, which run at full speed, are their neighbours.

import { runCommand } from "../../../build/run-command.ts";
import { bridgeName } from "../../../src/sandbox/machine-spec.ts";
import { isolatedPrefix } from "../../../src/sandbox/machine-boot.ts";
import { requireState } from "../../../src/sandbox/sandbox.ts";
import type { TestNetwork } from "../test-machine.ts";
import type { BridgePort } from "./qemu-arguments.ts";
import type { VirtualMachine } from "./virtual-machine.ts";

/** A free port of its bridge; `number` is the machine's, far from those of the network's own. */
export async function bridgePort({ sandbox }: TestNetwork, number: number): Promise<BridgePort> {
  const { anchor } = await requireState(sandbox.name);
  if (anchor === undefined) throw new Error("the network has no process that holds it");
  const namespace = `/proc/${anchor.pid}/ns/net`;
  const tap = `vm${number}`;
  const ip = (...words: string[]) =>
    runCommand(["nsenter", `--net=${namespace}`, "ip", ...words], { what: "plugging a machine in" });
  await ip("tuntap", "add", tap, "mode", "tap");
  await ip("link", "set", tap, "master", bridgeName, "up");
  return { namespace, tap, hardwareAddress: `52:54:00:00:00:${number.toString(16).padStart(2, "0")}` };
}

/** Its name and address on the bridge, for as long as it lives; returns the address. For the system with systemd. */
export async function settle(machine: VirtualMachine, name: string, number: number): Promise<string> {
  const address = `${isolatedPrefix}.${number}`;
  await machine.ok(`set -e
    sed -i 's/^Address=.*/Address=${address}\\/24/; s/^Gateway=.*/Gateway=${isolatedPrefix}.1/' /etc/systemd/network/wired.network
    sed -i 's/^10.0.2.15 .*/${address} ${name}/' /etc/hosts
    echo ${name} >/etc/hostname; hostname ${name}
    ip addr flush dev eth0
    systemctl restart systemd-networkd`);
  await machine.waitFor("its address", () => machine.ok(`ip -4 addr show eth0 | grep -wF ${address}`));
  return address;
}
