// `k0s logs level`: what a component logs, changed while it runs. docs/adr/0063-log-levels.md.

import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { controllerRole } from "../../roles/controller.ts";
import { runningNameOf } from "../../roles/folds/names.ts";
import { workerRole } from "../../roles/worker.ts";
import type { KubeClient } from "../../kube/client.ts";
import { kubeClientFromKubeconfig } from "../../kube/kubeconfig-client.ts";
import { KubeError } from "../../kube/errors.ts";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { processArguments } from "../../os/processes.ts";
import type { NodePaths } from "../../product/paths.ts";
import { queryStatus, requestLogLevel } from "../../status/client.ts";
import type { LogLevel } from "../../std/log.ts";
import { shownLevels } from "../../status/log-levels.ts";
import { UserError } from "../../std/errors.ts";
import type { LogLevelChange } from "../../supervisor/log-level.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { requireRoot } from "../core/require-root.ts";

export interface LevelFlags {
  readonly restart: boolean;
  readonly dataDir: string;
  readonly statusSocket: string;
}

export async function setLevel(
  asked: { readonly component: string; readonly level: string },
  flags: LevelFlags,
  io: CliIo,
): Promise<void> {
  requireRoot(io);
  const level = parseLevel(asked.level);
  const component = runningNameOf([...controllerRole, ...workerRole], asked.component) ?? asked.component;
  const paths = await livePaths(flags, io);
  const live = flags.restart ? undefined : liveLevel(level, await levelAtStart(component, paths, io));
  if (live !== undefined) await setLive(component, live, { paths, io, optional: level === "default" });
  const change = changeOf(level, flags.restart);
  const { outcome } = await requestLogLevel(
    paths.statusSocket,
    { component, restart: flags.restart, ...change },
    io.signal,
  );
  if (outcome === "unknown") throw withoutProcess(asked.component);
  if (outcome === "fixed") throw fixed(asked);
  io.out(`${asked.component}: ${sentence(level, flags.restart)}\n`);
}

type Level = LogLevel | "default" | number;

export function parseLevel(text: string): Level {
  if (text === "default") return text;
  const word = shownLevels.find((level) => level === text);
  if (word !== undefined) return word;
  if (/^(\d|10)$/.test(text)) return Number(text);
  throw new UserError(`there is no level ${text}`, {
    code: "bad-level",
    hint: "Write error, warn, info, debug, a number from 0 to 10, or default.",
  });
}

/** What k0s is to do; without a start of the process its own level stays, or was changed already. */
export function changeOf(level: Level, restart: boolean): LogLevelChange {
  if (level === "default") return { shown: null, own: null };
  if (typeof level === "number") return { shown: "debug", ...(restart ? { own: String(level) } : {}) };
  return { shown: level, ...(restart ? { own: level } : {}) };
}

/** The number to give to the running process, if there is one to give. */
function liveLevel(level: Level, atStart: string | undefined): string | undefined {
  if (level === "default") return atStart;
  return typeof level === "number" ? String(level) : undefined;
}

/** From its arguments. */
async function levelAtStart(
  component: string,
  { statusSocket }: NodePaths,
  { signal }: CliIo,
): Promise<string | undefined> {
  const { Components } = await queryStatus(statusSocket, signal);
  const pid = Components.find(({ name }) => name === component)?.pid;
  if (pid === undefined) return undefined;
  const args = await processArguments(pid);
  return args.findLast((arg) => arg.startsWith("--v="))?.slice("--v=".length);
}

interface Live {
  readonly paths: NodePaths;
  readonly io: CliIo;
  /** Nothing to take back is not an error. */
  readonly optional: boolean;
}

async function setLive(component: string, level: string, { paths, io, optional }: Live): Promise<void> {
  const path = await debugPath(component, paths);
  const client = path === undefined ? undefined : await adminClient(paths);
  if (path === undefined || client === undefined) {
    if (optional) return;
    throw notWhileItRuns(
      component,
      path === undefined ? "it takes a level only when it starts" : noCredentials,
    );
  }
  try {
    const answer = await client.raw(path, {
      method: "PUT",
      body: level,
      contentType: "text/plain",
      signal: io.signal,
    });
    await answer.text();
  } catch (err) {
    if (!(err instanceof KubeError) || ![403, 404, 405].includes(err.status)) throw err;
    if (!optional) throw notWhileItRuns(component, `its debug endpoint is closed (${err.message})`);
  }
}

/** Where its program takes another level, as the API server is asked for it; undefined where it does not. */
async function debugPath(component: string, { kubeletRootDir }: NodePaths): Promise<string | undefined> {
  if (component === "kube-apiserver") return "/debug/flags/v";
  if (component !== "kubelet") return undefined;
  const pem = await readFileIfExists(join(kubeletRootDir, "pki", "kubelet-client-current.pem"));
  // The key lies in the same file.
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem ?? "")?.[0];
  const node =
    certificate === undefined
      ? undefined
      : /CN=system:node:(\S+)/.exec(new X509Certificate(certificate).subject)?.[1];
  return node === undefined ? undefined : `/api/v1/nodes/${encodeURIComponent(node)}/proxy/debug/flags/v`;
}

const noCredentials = "this host has no administrator's credentials, since it is not a controller";

async function adminClient({ adminKubeconfig }: NodePaths): Promise<KubeClient | undefined> {
  if ((await statIfExists(adminKubeconfig)) === undefined) return undefined;
  return kubeClientFromKubeconfig(adminKubeconfig);
}

function notWhileItRuns(component: string, why: string): UserError {
  return new UserError(`the level of ${component} cannot be changed while it runs: ${why}`, {
    code: "level-fixed",
    hint: "Add --restart to start it again with this level; or give info or debug to see more of what it says already.",
  });
}

function fixed({ component, level }: { readonly component: string; readonly level: string }): UserError {
  return new UserError(`${component} takes no level ${level} of its own`, {
    code: "level-fixed",
    hint: "Programs of Kubernetes take numbers, etcd and containerd words. Without --restart, a word changes what gets into the log.",
  });
}

function withoutProcess(component: string): UserError {
  return new UserError(`${component} has no process here`, {
    code: "no-process",
    hint: "`k0s status` names what runs. What k0s itself does is logged in full with --debug, from its start on.",
  });
}

function sentence(level: Level, restart: boolean): string {
  const again = restart ? ", started again" : "";
  if (level === "default") return `logs as at the start of k0s${again}`;
  if (typeof level === "number")
    return `says as much as ${level} means, and all of it gets into the log${again}`;
  return `lines from ${level} on get into the log${again}`;
}
