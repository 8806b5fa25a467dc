// The two processes that turn themselves into a machine. The outer one enters the namespaces and wires the network,
// the inner one is the machine's first process: it furnishes the root and then becomes the tiny init program.

import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { removeEmptyDirectorySync } from "../os/removal.ts";
import { errno } from "../std/errors.ts";
import { createGroups, enterGroups, hostHierarchies, settleGroups } from "./cgroups.ts";
import { endIfRemoved } from "./end-if-removed.ts";
import { helperCommand } from "./helper-command.ts";
import { becomeInit } from "./init-program.ts";
import { type Libc, mountFlags, namespaceFlags } from "./libc.ts";
import { bridgeName, machineLink, type MachineSetup, machinePath, markerVariable } from "./machine-spec.ts";
import { openNetlink } from "./netlink.ts";
import { executeRootPlan, hostRoot, overlayMount, rootPlan } from "./root-plan.ts";

/** What the inner process says when the machine is ready. */
const readyLine = "ready";

const { mnt, cgroup, uts, ipc, pid, net } = namespaceFlags;

/** Makes the machine; resolves with the host's number of its first process. Descriptor 0 is passed on as the life line. */
export async function makeMachine(libc: Libc, setup: MachineSetup): Promise<number> {
  const hierarchies = hostHierarchies();
  createGroups(hierarchies, setup.group);
  // First the groups, then their namespace: its root is where the process that makes it is.
  enterGroups(hierarchies, setup.group);
  endIfRemoved(hierarchies, setup.sandbox, setup.group);
  libc.unshare(cgroup | uts | ipc);
  settleGroups(hierarchies, setup.group);
  wireNetwork(libc, setup);
  libc.unshare(mnt);
  // From here on only synchronous file calls see the machine's mounts: other threads stayed outside.
  libc.mount({ source: "none", target: "/", flags: mountFlags.recursive | mountFlags.private });
  const [command = "", ...args] = helperCommand("inside", JSON.stringify(setup));
  const ownPids = openSync("/proc/thread-self/ns/pid", "r");
  libc.unshare(pid);
  const inner = Bun.spawn([command, ...args], {
    stdio: [0, "pipe", 2],
    env: { ...process.env, [markerVariable]: setup.sandbox },
  });
  // A process whose children go elsewhere can start no threads, and our runtime starts some when it likes.
  libc.setns(ownPids, pid);
  const said = await new Response(inner.stdout).text();
  if (said.trim() !== readyLine) throw new Error("the machine's first process ended");
  return inner.pid;
}

/** The thread ends in a network namespace of its own whose `eth0` is plugged into the bridge. */
function wireNetwork(libc: Libc, setup: MachineSetup): void {
  const { anchorPid, bridgeEnd, address, routes } = setup.network;
  const bridgeNamespace = openSync(`/proc/${anchorPid}/ns/net`, "r");
  libc.unshare(net);
  const own = openSync("/proc/thread-self/ns/net", "r");
  libc.setns(bridgeNamespace, net);
  const outside = openNetlink(libc);
  // After a reboot: the kernel takes a while to clear up the network of the former machine.
  outside.removeLink(bridgeEnd);
  outside.addVeth({ name: bridgeEnd, master: bridgeName, peerName: machineLink, peerNamespace: own });
  outside.close();
  libc.setns(own, net);
  closeSync(own);
  closeSync(bridgeNamespace);
  const inside = openNetlink(libc);
  inside.setUp("lo");
  inside.addAddress(machineLink, address);
  inside.setUp(machineLink);
  for (const route of routes) inside.addRoute(route);
  inside.close();
}

/** Runs as the first process of the new PID namespace. Never returns. */
export function becomeMachine(libc: Libc, setup: MachineSetup): never {
  libc.setSession();
  libc.setHostname(setup.name);
  libc.mount(overlayMount(setup));
  process.chdir(join(setup.diskDir, "root"));
  mkdirSync(`.${hostRoot}`, { recursive: true });
  const input = { setup, hierarchies: hostHierarchies(), hostSubMounts: subMountsOfHost() };
  libc.pivotRootHere(`.${hostRoot}`);
  process.chdir("/");
  executeRootPlan(libc, rootPlan(input));
  libc.detach(hostRoot);
  removeEmptyDirectorySync(hostRoot);
  // Pods with bidirectional mount propagation ask for a shared root, as systemd makes it.
  libc.mount({ source: "none", target: "/", flags: mountFlags.recursive | mountFlags.shared });
  setNetworkDefaults();
  writeSync(1, `${readyLine}\n`);
  const nowhere = openSync("/dev/null", "r+");
  libc.duplicateTo(nowhere, 1);
  libc.duplicateTo(nowhere, 2);
  becomeInit(libc, {
    title: `k0s-sandbox: ${setup.name}`,
    env: { PATH: machinePath, [markerVariable]: setup.sandbox },
  });
}

/** Parts of the host's system that are file systems of their own and so are not in the overlay's lower layer. */
function subMountsOfHost(): string[] {
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  return [...new Set(points)].filter((point) => /^\/(usr|opt|bin|sbin|lib\w*)(\/|$)/.test(point)).toSorted();
}

/** What a distribution's own network setup would have done. */
function setNetworkDefaults(): void {
  const base = "/proc/sys/net/ipv4";
  writeFileSync(`${base}/ip_forward`, "1");
  for (const name of readdirSync(`${base}/conf`)) {
    try {
      writeFileSync(`${base}/conf/${name}/rp_filter`, "0");
    } catch (err) {
      if (errno(err) !== "ENOENT") throw err;
    }
  }
}
