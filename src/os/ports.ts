// TCP ports: who listens, what is taken, and waiting for one to open.

import { readFile, readdir, readlink } from "node:fs/promises";
import { connect } from "node:net";
import { errno, UserError } from "../std/errors.ts";
import { isUnspecified, normalizeIp } from "../std/ip.ts";
import { pollUntil, sleep } from "../std/wait.ts";
import { listProcesses, processArguments, type ProcessInfo } from "./processes.ts";
import { readFileIfExists } from "./files.ts";

export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Of the socket, as in `/proc/PID/fd/N -> socket:[inode]`. */
  readonly inode: string;
}

export interface PortUse {
  readonly port: number;
  /** Undefined for all addresses. */
  readonly address?: string;
  /** What will listen there, for the error. */
  readonly process: string;
  /** The setting that moves it, if there is one. */
  readonly setting?: string;
}

/** Throws a UserError that names the port, what wants it, and the process that has it, unless that is one of `exceptOf`. */
export async function assertPortsFree(
  uses: readonly PortUse[],
  { exceptOf = new Set() }: { readonly exceptOf?: ReadonlySet<number> } = {},
): Promise<void> {
  const deadline = performance.now() + endingMs;
  for (const use of uses) {
    const { taken, owner } = await holderOf(use, deadline);
    if (!taken || (owner !== undefined && exceptOf.has(owner.pid))) continue;
    const by = owner === undefined ? "another process" : `${owner.comm} (pid ${owner.pid})`;
    const move = use.setting === undefined ? "" : `, or choose another port with ${use.setting}`;
    throw new UserError(`Port ${use.port}, which ${use.process} needs, is in use by ${by}.`, {
      hint: `Stop that process${move}.`,
      code: "port-in-use",
    });
  }
}

/** The time that the kernel may need to close the sockets of a process that was killed a moment ago. */
const endingMs = 5_000;

interface Holder {
  readonly taken: boolean;
  /** Undefined if it is in another pid namespace or we may not look. */
  readonly owner: ProcessInfo | undefined;
}

/** Waits for a holder that cannot be seen, or that is ending: it will be gone soon. */
async function holderOf(use: PortUse, deadline: number): Promise<Holder> {
  for (;;) {
    const listener = (await listListeners()).find((one) => collides(one, use));
    if (listener === undefined) return { taken: false, owner: undefined };
    const owner = await socketOwner(listener.inode);
    if (owner !== undefined || performance.now() >= deadline) return { taken: true, owner };
    await sleep(20);
  }
}

type PortAt = Pick<PortUse, "port" | "address">;

export interface TakenPort<Use extends PortAt = PortUse> {
  readonly use: Use;
  /** Undefined if it is in another pid namespace or we may not look. */
  readonly owner: ProcessInfo | undefined;
}

/** Those of them that somebody listens on now, and who. */
export async function takenPorts<Use extends PortAt>(
  uses: readonly Use[],
): Promise<readonly TakenPort<Use>[]> {
  const listeners = await listListeners();
  const taken: TakenPort<Use>[] = [];
  for (const use of uses) {
    const listener = listeners.find((one) => collides(one, use));
    if (listener !== undefined) taken.push({ use, owner: await socketOwner(listener.inode) });
  }
  return taken;
}

/** Everything that listens in our network namespace. */
export async function listListeners(): Promise<readonly Listener[]> {
  const texts = await Promise.all([
    readFile("/proc/self/net/tcp", "utf8"),
    // Missing where IPv6 is switched off.
    readFileIfExists("/proc/self/net/tcp6"),
  ]);
  return texts.flatMap((text) => parseListeners(text ?? ""));
}

/** From the text of /proc/net/tcp or tcp6. */
export function parseListeners(text: string): readonly Listener[] {
  return text.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    if (state !== "0A" || inode === undefined) return [];
    return [{ address: hexAddress(address), port: Number.parseInt(port, 16), inode }];
  });
}

/** Resolves once something accepts connections. */
export async function waitForPort(
  where: { host: string; port: number },
  options: { timeoutMs: number; intervalMs?: number; signal?: AbortSignal },
): Promise<void> {
  await pollUntil((signal) => accepts(where, signal), {
    what: `${where.host}:${where.port}`,
    intervalMs: options.intervalMs ?? 50,
    timeoutMs: options.timeoutMs,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

function accepts({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port });
  const done = (answer: boolean) => () => {
    socket.destroy();
    resolve(answer);
  };
  socket.once("connect", done(true));
  socket.once("error", done(false));
  signal.addEventListener("abort", done(false), { once: true });
  return promise;
}

function collides(listener: Listener, use: PortAt): boolean {
  if (listener.port !== use.port) return false;
  if (use.address === undefined || isUnspecified(listener.address)) return true;
  return isUnspecified(use.address) || normalizeIp(use.address) === listener.address;
}

/** The process that holds the socket and is not about to end: an ending one loses its memory first, then its files. */
async function socketOwner(inode: string): Promise<ProcessInfo | undefined> {
  for (const info of await listProcesses()) {
    if (!(await openFiles(info.pid)).includes(`socket:[${inode}]`)) continue;
    if ((await processArguments(info.pid)).length > 0) return info;
  }
  return undefined;
}

async function openFiles(pid: number): Promise<readonly string[]> {
  try {
    const fds = await readdir(`/proc/${pid}/fd`);
    return await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")));
  } catch (err) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(errno(err) ?? "")) return [];
    throw err;
  }
}

/** Four-byte words in the byte order of the machine: little endian wherever we run. */
function hexAddress(hex: string): string {
  const bytes = (hex.toLowerCase().match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed(),
  );
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  const groups = Array.from({ length: 8 }, (_, group) => bytes.slice(group * 2, group * 2 + 2).join(""));
  const mapped = /^0{20}ffff(.{8})$/.exec(bytes.join(""))?.[1];
  if (mapped !== undefined)
    return (mapped.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join(".");
  return normalizeIp(groups.join(":"));
}
