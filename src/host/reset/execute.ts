// Does what the plan says, with one function for each kind of step. Every step may find its work done already.

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:net";
import { listMounts, mountHolding, mountsBelow, unmount } from "../../os/mounts.ts";
import { signalProcess, waitForExit, type ProcessId } from "../../os/processes.ts";
import { removeEmptyDirectory, removeFile, removeEmptyDirectorySync, removeTree } from "../../os/removal.ts";
import { unmountAll } from "../../os/unmount-all.ts";
import { deleteSystemUser } from "../../os/users.ts";
import { errno, isNotFound } from "../../std/errors.ts";
import { sleep } from "../../std/wait.ts";
import { thisServiceHost } from "../service/effects.ts";
import { stopAndUninstall } from "../service/uninstall.ts";
import type { HostToolset } from "./host-tools.ts";
import { socketDirectories } from "../outside-paths.ts";
import { emptyTables } from "./iptables-cleanup.ts";
import type { OwnDirectory } from "./observation.ts";
import { saveRules } from "./observe-network.ts";
import type { ResetStep } from "./plan.ts";
import { namesIn } from "../../os/names-in.ts";

export interface ResetEffects {
  readonly tools: HostToolset;
  /** How k0s starts itself. */
  readonly self: readonly string[];
  readonly signal: AbortSignal;
}

type Executors = {
  readonly [K in ResetStep["kind"]]: (
    step: Extract<ResetStep, { kind: K }>,
    effects: ResetEffects,
  ) => Promise<void>;
};

export async function executeStep(step: ResetStep, effects: ResetEffects): Promise<void> {
  // The map has one function for each kind, and takes exactly that kind.
  const execute = executors[step.kind] as (step: ResetStep, effects: ResetEffects) => Promise<void>;
  await execute(step, effects);
}

const executors: Executors = {
  "remove-service": ({ service }, { signal }) => stopAndUninstall(service, thisServiceHost(signal), signal),
  "end-processes": async ({ managed, inPods }, { signal }) => {
    // kubelet and containerd must go before the pods, or they start them again; a shim goes with its container.
    const shims = managed.filter(({ name }) => name.startsWith("containerd-shim"));
    await end(
      managed.filter((one) => !shims.includes(one)),
      5_000,
      signal,
    );
    await end(inPods, 1_000, signal);
    await end(shims, 1_000, signal);
  },
  "remove-netns": async ({ path }) => {
    unmount(path);
    await removeFile(path);
  },
  unmount: ({ targets }, { self, signal }) => unmountAll(targets, { self, signal }),
  "delete-link": async ({ name }, { tools }) => {
    await goneIsFine(
      tools.tell("ip", ["link", "delete", "dev", name]),
      /cannot find|does not exist|no such/i,
    );
  },
  "clean-iptables": async ({ family, backend, script }, { tools }) => {
    await tools.tell(`xtables-${backend}-multi`, [`${family}tables-restore`, "--noflush"], script);
    if (backend === "legacy") return;
    // Tables that iptables-nft made for these rules and in which nothing is left.
    for (const table of emptyTables((await saveRules(tools, family, backend)) ?? "")) {
      await goneIsFine(tools.tell("nft", ["delete", "table", family, table]), /no such file/i);
    }
  },
  "delete-nft-table": async ({ family, name }, { tools }) => {
    await goneIsFine(tools.tell("nft", ["delete", "table", family, name]), /no such file/i);
  },
  "destroy-ipset": async ({ name }, { tools }) => {
    await goneIsFine(tools.tell("ipset", ["destroy", name]), /does not exist/i);
  },
  "delete-route": async ({ args }, { tools }) => {
    await goneIsFine(tools.tell("ip", args), /no such process|cannot find|no such file/i);
  },
  "remove-cgroup": ({ path }, { signal }) => removeCgroup(path, signal),
  "delete-user": (user, { signal }) => deleteSystemUser(user, signal),
  delete: async ({ path }, { signal }) => {
    await assertNothingMounted(path);
    await removeTree(path, { signal });
  },
  "delete-entries": async ({ path, entries, proof, keepItself, mount }, { signal }) => {
    if (mount !== undefined) await assertStillMounted(path, mount);
    for (const name of [...entries, ...(proof === undefined ? [] : [proof])]) {
      await assertNothingMounted(join(path, name));
      await removeTree(join(path, name), { parentIsReal: true, signal });
    }
    if (!keepItself) await removeEmptyDirectory(path);
  },
  "remove-if-empty": ({ path }) => removeIfEmpty(path),
};

/** From SIGKILL to the end: gigabytes have to be given back, perhaps on a busy host. */
const killedMs = 60_000;

async function end(processes: readonly ProcessId[], patienceMs: number, signal: AbortSignal): Promise<void> {
  await Promise.all(processes.map((id) => signalProcess(id, "SIGTERM")));
  const ended = await Promise.all(processes.map((id) => waitForExit(id, patienceMs, signal)));
  const stubborn = processes.filter((_, index) => ended[index] !== true);
  await Promise.all(stubborn.map((id) => signalProcess(id, "SIGKILL")));
  const killed = await Promise.all(stubborn.map((id) => waitForExit(id, killedMs, signal)));
  const left = stubborn.filter((_, index) => killed[index] !== true).map(({ pid }) => pid);
  if (left.length > 0) throw new Error(`processes do not end: ${left.join(", ")}`);
}

/** Deepest first; a group whose last member has just died is busy for a moment, on a slow host for some seconds. */
async function removeCgroup(path: string, signal: AbortSignal): Promise<void> {
  for (const name of await directories(path)) await removeCgroup(join(path, name), signal);
  for (let attempt = 0; ; attempt++) {
    try {
      removeEmptyDirectorySync(path);
      return;
    } catch (err) {
      if (errno(err) !== "EBUSY" || attempt >= 500) throw err;
      await sleep(20, signal);
    }
  }
}

/** Says so before the first file is gone; the removal itself never crosses a mount either. */
async function assertNothingMounted(path: string): Promise<void> {
  const mounted = mountsBelow(await listMounts(), path, { itself: true });
  if (mounted.length === 0) return;
  const targets = mounted.map(({ target }) => target).join(", ");
  throw new Error(`${path} is left as it is: still mounted: ${targets}`);
}

/** What was mounted there when the plan was made and its content was found to be k0s'. */
async function assertStillMounted(
  path: string,
  { id, device, root }: NonNullable<OwnDirectory["mount"]>,
): Promise<void> {
  const now = mountHolding(await listMounts(), path);
  if (now?.id === id && now.device === device && now.root === root) return;
  throw new Error(`${path} is left as it is: something else is mounted there now`);
}

/** A socket that nobody listens on is left over and keeps no directory. */
async function removeIfEmpty(path: string): Promise<void> {
  for (const name of socketDirectories.includes(path) ? await namesIn(path) : [])
    await removeDeadSocket(join(path, name));
  await removeEmptyDirectory(path);
}

async function removeDeadSocket(path: string): Promise<void> {
  if (!(await isSocket(path))) return;
  const { promise, resolve: settle } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.once("connect", () => settle(false));
  socket.once("error", (err) => settle(errno(err) === "ECONNREFUSED"));
  const dead = await promise.finally(() => socket.destroy());
  if (dead) await removeFile(path);
}

/** False when it is gone: its listener may have ended since. */
async function isSocket(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSocket();
  } catch (err) {
    if (isNotFound(err)) return false;
    throw err;
  }
}

async function directories(path: string): Promise<string[]> {
  try {
    return (await readdir(path, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (err) {
    if (isNotFound(err)) return [];
    throw err;
  }
}

async function goneIsFine(work: Promise<void>, gone: RegExp): Promise<void> {
  try {
    await work;
  } catch (err) {
    if (!(err instanceof Error) || !gone.test(err.message)) throw err;
  }
}
