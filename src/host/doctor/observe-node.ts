// Finds out what is known of a node before its links are looked at.

import { join } from "node:path";
import { identityOf } from "../../components/worker-join/kubelet-kubeconfig.ts";
import { parseWorkerSettings, type WorkerSettings } from "../../components/worker-config/schema.ts";
import { findInstallationRecord, recordFileName } from "../../config/installation-record.ts";
import { readRuntimeConfig } from "../../config/runtime-config.ts";
import { readKubeconfig } from "../../kube/kubeconfig.ts";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { processInfo } from "../../os/processes.ts";
import type { NodePaths } from "../../product/paths.ts";
import { controllerRole } from "../../roles/controller.ts";
import { disableableNames } from "../../roles/folds/names.ts";
import { workerRole } from "../../roles/worker.ts";
import { queryStatus } from "../../status/client.ts";
import { runningK0s } from "../../status/owner.ts";
import { UserError } from "../../std/errors.ts";
import { parseYaml } from "../../std/yaml.ts";
import type { Declaration } from "../../supervisor/declaration.ts";
import type { ExaminedNode, RunningK0s } from "./examined-node.ts";
import { logEnd } from "./log-end.ts";
import { type NextConfiguration, nextConfiguration } from "./next-configuration.ts";
import { isRefused } from "./last-word.ts";
import { refusalsOf } from "./refusals.ts";
import { observeService } from "./observe-service.ts";

export async function observeNode(given: NodePaths, signal: AbortSignal): Promise<ExaminedNode> {
  const [k0s, service] = await Promise.all([observeK0s(given, signal), observeService(signal)]);
  const paths = k0s.state === "gone" ? await pathsOfRecord(given) : given;
  const role = await roleOf(paths, k0s, service?.name);
  const configured = role === "controller" ? await configOf(paths, service?.arguments) : {};
  const exists = async (path: string): Promise<boolean> => (await statIfExists(path)) !== undefined;
  const workloads = k0s.state === "answers" ? k0s.report.Workloads : await exists(paths.kubeletKubeconfig);
  const log = k0s.state === "gone" ? await logEnd(paths, signal) : undefined;
  // One that has never come as far as its log was refused, or not started yet.
  const mayBeRefused = isRefused(log) || (k0s.state === "gone" && log === undefined && service !== undefined);
  const known = { paths, role, workloads, config: undefined, ...configured };
  return {
    ...known,
    now: new Date(),
    k0s,
    settings: await settingsOf(paths),
    service,
    log,
    refusals: mayBeRefused ? await refusalsOf(known, service?.arguments ?? [], signal) : [],
    nodeName: await nodeNameOf(paths),
    konnectivity: await exists(join(paths.pkiDir, "konnectivity.crt")),
    disabled: disabledOf(k0s),
  };
}

/** Where kubelet kept its files last: a k0s that does not run cannot be asked. */
async function pathsOfRecord(paths: NodePaths): Promise<NodePaths> {
  try {
    const record = await findInstallationRecord(paths.dataDir);
    const last = record === "cut off" ? undefined : record?.kubeletRootDirs.at(-1);
    return last === undefined ? paths : { ...paths, kubeletRootDir: last };
  } catch (err) {
    // One that cannot be understood is the business of a start and of reset.
    if (err instanceof UserError) return paths;
    throw err;
  }
}

async function observeK0s(paths: NodePaths, signal: AbortSignal): Promise<RunningK0s> {
  const holder = await runningK0s(paths);
  if (holder === undefined) return { state: "gone" };
  try {
    return { state: "answers", pid: holder.pid, report: await queryStatus(paths.statusSocket, signal) };
  } catch (err) {
    if (!(err instanceof UserError)) throw err;
    const { state = "X" } = (await processInfo(holder.pid)) ?? {};
    return { state: "silent", pid: holder.pid, processState: state, why: err.message };
  }
}

/** What runs says it; else the service; else the files that only a controller, or only a worker has. */
async function roleOf(
  paths: NodePaths,
  k0s: RunningK0s,
  service: string | undefined,
): Promise<ExaminedNode["role"]> {
  if (k0s.state === "answers") return k0s.report.Role;
  if (service !== undefined) return service === "k0sworker" ? "worker" : "controller";
  if ((await statIfExists(paths.adminKubeconfig)) !== undefined) return "controller";
  if ((await statIfExists(join(paths.pkiDir, "ca.key"))) !== undefined) return "controller";
  const ofWorkers = [paths.kubeletKubeconfig, join(paths.dataDir, recordFileName)];
  for (const path of ofWorkers) if ((await statIfExists(path)) !== undefined) return "worker";
  return undefined;
}

/** Of the k0s that runs, else the one that the next start takes. */
async function configOf(paths: NodePaths, args: readonly string[] | undefined): Promise<NextConfiguration> {
  const running = await readRuntimeConfig(paths);
  return running?.nodeConfig === undefined ? nextConfiguration(paths, args) : { config: running.nodeConfig };
}

async function settingsOf({ workerProfileCache }: NodePaths): Promise<WorkerSettings | undefined> {
  const text = await readFileIfExists(workerProfileCache);
  if (text === undefined) return undefined;
  try {
    const { data } = parseYaml(text, { source: workerProfileCache }) as {
      data?: Readonly<Record<string, string>>;
    };
    return parseWorkerSettings(data ?? {}, workerProfileCache);
  } catch (err) {
    // A start that reads it says what is wrong with it; the links that need it go without.
    if (err instanceof UserError) return undefined;
    throw err;
  }
}

async function nodeNameOf({ kubeletKubeconfig }: NodePaths): Promise<string | undefined> {
  try {
    if ((await statIfExists(kubeletKubeconfig)) === undefined) return undefined;
    const user = identityOf(await readKubeconfig(kubeletKubeconfig))?.user;
    return user?.startsWith("system:node:") === true ? user.slice("system:node:".length) : undefined;
  } catch {
    // Whatever is wrong with the kubeconfig or its certificate, the link of certificates says it.
    return undefined;
  }
}

/** What could be left out and does not run is left out. */
function disabledOf(k0s: RunningK0s): ReadonlySet<string> {
  if (k0s.state !== "answers") return new Set();
  const running = new Set(k0s.report.Components.map(({ name }) => name));
  const { Role, Workloads } = k0s.report;
  const roles: readonly Declaration[] = [
    ...(Role === "controller" ? controllerRole : []),
    ...(Workloads ? workerRole : []),
  ];
  const nameOf = (declared: string): string =>
    roles.find(({ name }) => name === declared)?.runningName ?? declared;
  return new Set(disableableNames(roles).filter((name) => !running.has(nameOf(name))));
}
