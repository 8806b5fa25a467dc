// `k0s controller`: prepare, start, tell when the cluster is usable, wait for the signal, stop.
// Upstream: cmd/controller/controller.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { isSingleController } from "../../components/controller-facts.ts";
import { readersOnceOf } from "../../roles/certificates.ts";
import { controllerRole } from "../../roles/controller.ts";
import { nodeRules } from "../../roles/rules.ts";
import { loadClusterConfig } from "../../config/load.ts";
import { pathText } from "../../config/problem.ts";
import { hostOutside } from "../../config/rules/network-rule.ts";
import { withoutSecrets } from "../../config/without-secrets.ts";
import { writeRunDirNote } from "../../config/run-dir-note.ts";
import { claimRuntime } from "../../config/runtime-config.ts";
import { publicAddress } from "../../os/addresses.ts";
import { ensureDir, makeDir } from "../../os/files.ts";
import { ensureHostsFile } from "../../os/hosts-file.ts";
import { removeStaleTemporaries } from "../../os/temporary-files.ts";
import { beginsCluster } from "../../pki/kubelet-serving-ca.ts";
import { openPayload } from "../../payload/payload.ts";
import { tunnelRegistry } from "../../components/konnectivity/tunnels/registry.ts";
import { endManagedProcesses } from "../../supervisor/managed-processes.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { untilAborted } from "../../std/wait.ts";
import { k0sVersion } from "../../product/versions.ts";
import { ComponentGroup } from "../../supervisor/group.ts";
import { assertCanStart } from "../start/controller-checks.ts";
import { certificateRenewal } from "../../components/certificates/renewal.ts";
import { leafLifetimeMs, renewCertificates } from "./certificates.ts";
import { controllerComponents } from "./components.ts";
import { type ControllerNode, controllerNode, controllerNodeName, type PreparedController } from "./facts.ts";
import { databaseElsewhere } from "../../components/kine/database-file.ts";
import { sqliteFile } from "../../components/kine/flags.ts";
import { beginInstallation, noteDatabase, notePods } from "../../host/installation.ts";
import type { ControllerOptions, NodeIo } from "../options.ts";
import { runPreflight } from "../start/preflight.ts";
import { controllerObserver } from "./observer.ts";
import { componentProblems } from "../../status/problems/components.ts";
import type { NodeObserver } from "../../status/observers/node.ts";
import { problemText } from "../../status/problems/problem.ts";
import { selfObservation } from "../self-observation.ts";
import { createStatusServer, type StatusServerOptions } from "../../status/server.ts";
import { departedSources, departureTroubles } from "./departure.ts";
import { trimAfterStart } from "../start/trim-memory.ts";
import { waitClusterReady } from "../start/wait-ready.ts";
import { embeddedWorkerComponents } from "./embedded-worker.ts";

/** Runs until `io.signal` aborts; resolves once everything is stopped. */
export async function runController(options: ControllerOptions, io: NodeIo): Promise<void> {
  if (process.geteuid?.() !== 0) {
    throw new UserError("k0s controller must run as root", { hint: "Use sudo.", code: "not-root" });
  }
  const { paths } = options;
  const name = controllerNodeName(options);
  const clusterExists = options.joinToken !== undefined || !(await beginsCluster(paths.pkiDir));
  const config = await loadClusterConfig({
    path: options.configFile,
    single: options.single,
    dataDir: paths.dataDir,
    publicAddress: publicAddress(),
    rules: nodeRules,
    clusterExists,
    onlySupported: { featureGates: options.featureGates },
  });
  if (clusterExists) warnOfHostInside(config, io.log);
  assertJoinable(options, config);
  await runPreflight({
    controller: true,
    worker: options.enableWorker,
    dataDir: paths.dataDir,
    log: io.log,
    ignore: options.ignorePreFlightChecks,
  });
  await using payload = await openPayload();
  await assertCanStart({ options, io, config, payload });
  const claim = await claimRuntime(paths);
  try {
    await prepareDirectories(options, config, io.log);
    await ensureHostsFile(io.log);
    // What a killed k0s left still holds its ports.
    await endManagedProcesses(paths.binDir, { timeoutMs: 5_000, signal: io.signal });
    await removeStaleTemporaries([paths.dataDir, paths.runDir, paths.pkiDir, paths.etcdPkiDir]);
    await claim.publish({ nodeConfig: config, startupConfigPath: options.configFile });
    await runPrepared({ options, io, config, claim, name, payload });
  } finally {
    await claim.release();
  }
}

/** Refused for a new cluster; one that is there cannot change its networks any more. */
function warnOfHostInside(config: ClusterConfig, log: Logger): void {
  for (const { path, message } of hostOutside(config))
    log.warn("A network of the cluster holds an address of this host, pods may not reach it", {
      field: pathText(path),
      problem: message,
    });
}

function assertJoinable(options: ControllerOptions, config: ClusterConfig): void {
  if (options.joinToken === undefined || !isSingleController(options, config)) return;
  const why = options.single ? "--single makes a cluster of one host" : "its storage is a file of one host";
  throw new UserError(`this controller cannot join a cluster: ${why}`, {
    code: "cannot-join",
    hint: "Leave the token out, or --single, or choose a storage that all controllers reach.",
  });
}

async function prepareDirectories(
  { paths, enableWorker }: ControllerOptions,
  { spec: { storage } }: ClusterConfig,
  log: Logger,
): Promise<void> {
  await beginInstallation(paths, log);
  if (enableWorker) await notePods(paths);
  await writeRunDirNote(paths);
  const file = storage.type === "kine" ? sqliteFile(storage.kine.dataSource, paths.dataDir) : undefined;
  const database = databaseElsewhere(file, paths.dataDir);
  if (database !== undefined) await noteDatabase(paths, database);
  for (const dir of [paths.binDir, paths.manifestsDir, paths.imagesDir]) await makeDir(dir, { mode: 0o755 });
  await ensureDir(paths.pkiDir, { mode: 0o751 });
}

interface RunningParts {
  readonly group: ComponentGroup;
  readonly status: StatusServerOptions;
  readonly observer: NodeObserver;
}

async function runPrepared(prepared: PreparedController): Promise<void> {
  const node = await controllerNode(prepared);
  const { options, io } = node;
  try {
    const parts = await componentsOf(node);
    await parts.group.init(io.signal);
    if (options.initOnly) return;
    await runGroup(node, parts);
  } catch (err) {
    // A signal while starting is an orderly end, not a failure.
    if (!io.signal.aborted) throw err;
  }
}

async function componentsOf(node: ControllerNode): Promise<RunningParts> {
  const { options, io } = node;
  const startedAt = new Date();
  const { config, client, name, singleController } = node;
  const tunnels = node.konnectivity
    ? tunnelRegistry({
        config,
        client,
        name,
        singleController,
        serverId: node.claim.invocationId,
        log: io.log,
      })
    : undefined;
  const observation = selfObservation(options, io.log, () => group);
  const renewal = certificateRenewal({
    renew: () => renewCertificates(node),
    readersOnce: readersOnceOf(controllerRole),
    restart: (component, signal) => group.restart(component, signal),
    lifetimeMs: leafLifetimeMs(config),
    log: io.log,
  });
  const observer = controllerObserver(node, startedAt);
  const status: StatusServerOptions = {
    socketPath: options.paths.statusSocket,
    runDir: options.paths.runDir,
    log: io.log,
    sources: {
      version: k0sVersion,
      role: "controller",
      workloads: options.enableWorker,
      singleNode: options.single,
      startedAt,
      k0sVars: node.claim.vars(),
      clusterConfig: () => withoutSecrets(config),
      componentStatuses: () => group.statuses(),
      prober: observation.prober,
      observer,
      troubles: () => departureTroubles(node.departure.reason),
      ...(tunnels === undefined ? {} : { tunnels: (signal: AbortSignal) => tunnels.report(signal) }),
    },
  };
  const worker = options.enableWorker ? embeddedWorkerComponents(node) : [];
  const step = io.progress.step("control plane ready");
  const group: ComponentGroup = new ComponentGroup({
    name: "controller",
    components: [
      createStatusServer(status),
      observer,
      ...observation.components,
      ...controllerComponents(node, { tunnels }),
      renewal,
      ...worker,
    ],
    log: io.log,
  });
  for (const reader of observation.readers) group.events.read(reader);
  group.events.read((event) => {
    if (event.kind !== "state") return;
    const { name, state } = event.status;
    if (name === "kube-apiserver" && state === "ready") step.done();
    if (state === "failed") step.fail(`${name} failed`);
  });
  return { group, observer, status };
}

async function runGroup(node: ControllerNode, parts: RunningParts): Promise<void> {
  const { io, options } = node;
  const { group } = parts;
  const ended = untilAborted(io.signal);
  const starting = group.start(io.signal);
  await Promise.race([starting, node.departure.when]);
  const following = node.departure.reason === undefined ? followReadiness(node, parts) : undefined;
  await Promise.race([ended, node.departure.when]);
  for (const problem of departureTroubles(node.departure.reason))
    io.log.error("Ending the parts of this controller", { problem });
  io.log.info("Stopping", { node: node.name });
  await group.stop();
  // A stop ends a start that is under way with its own abort.
  await Promise.allSettled([starting]);
  // A service manager would start it again if it ended by itself, and it belongs to no cluster now.
  if (!io.signal.aborted) await tellOfDeparture(parts.status, io);
  await following;
  io.log.info("Stopped", { node: node.name, dataDir: options.paths.dataDir });
}

/** Answers `k0s status` until k0s is stopped. */
async function tellOfDeparture(status: StatusServerOptions, { log, signal }: NodeIo): Promise<void> {
  const server = createStatusServer({ ...status, sources: departedSources(status.sources) });
  await server.start(signal);
  log.info("This controller belongs to no cluster any more: stop k0s, then `k0s reset`");
  await untilAborted(signal);
  await server.stop();
}

/** Tells when the cluster is usable; while it is not yet, k0s goes on. */
async function followReadiness(node: ControllerNode, { group, observer }: RunningParts): Promise<void> {
  const { io, options } = node;
  try {
    if (options.enableWorker) {
      await waitClusterReady({
        nodeName: node.name,
        readiness: () => observer.readiness(),
        problems: () =>
          [...observer.hostProblems(), ...componentProblems(group.statuses(), new Date())].map(problemText),
        progress: io.progress,
        log: io.log,
        signal: io.signal,
      });
    }
    io.progress.ready(`The cluster is ready: k0s kubectl get nodes`);
    io.log.info("The cluster is ready", { node: node.name });
    await trimAfterStart(io.signal);
  } catch (err) {
    if (!io.signal.aborted) io.log.warn("Cannot follow the cluster's readiness", { err: errorMessage(err) });
  }
}
