// `k0s controller`: prepare, start, tell when the cluster is usable, wait for the signal, stop.
// Upstream: cmd/controller/controller.go.

import { recentCharts } from "../../components/helm-extensions/known-charts.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { readersOnceOf } from "../../roles/folds/certificates.ts";
import { type ControllerParts, controllerRole } from "../../roles/controller.ts";
import { isEtcdManaged } from "../../config/derived.ts";
import { loadClusterConfig } from "../../config/load.ts";
import { pathText } from "../../config/problem.ts";
import { hostOutside } from "../../config/rules/network-rule.ts";
import { configWarnings } from "../../config/warnings.ts";
import { withoutSecrets } from "../../config/without-secrets.ts";
import type { RuntimeClaim } from "../../config/runtime-config.ts";
import { ensureDir, makeDir } from "../../os/files.ts";
import { beginsCluster } from "../../pki/kubelet-serving-ca.ts";
import { keyStock, missingRsaKeys } from "../../pki/key-stock.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { untilAborted } from "../../std/wait.ts";
import { serviceOfHost } from "../../host/service/installed.ts";
import { networksOf } from "../../host/sysinfo/cluster-networks.ts";
import { k0sVersion } from "../../product/versions.ts";
import { ComponentGroup } from "../../supervisor/group.ts";
import { assertCanStart } from "../start/controller-checks.ts";
import { withCachedConfig } from "../../components/cluster-config/cache.ts";
import { certificateRenewal } from "../../components/certificates/renewal.ts";
import { leafLifetimeMs, renewCertificates } from "../../components/certificates/component.ts";
import type { ControllerNode } from "../../components/node-facts.ts";
import type { StagedPrograms } from "../../components/staging.ts";
import { beginAs, runOnHost } from "../start/begin.ts";
import { applyFile, dynamicConfiguration, fileConfiguration, loadOptions } from "./configuration.ts";
import { logConfigWarnings } from "../../components/cluster-config/log-warnings.ts";
import { clusterConfigFollower, controllerLiveConfig } from "./live-config.ts";
import { controllerComponents, controllerPrograms } from "./make-components.ts";
import {
  controllerAccess,
  controllerParts,
  plannedController,
  type PlannedController,
  type PreparedController,
} from "./facts.ts";
import { databaseElsewhere } from "../../components/kine/database-file.ts";
import { sqliteFile } from "../../components/kine/flags.ts";
import { noteDatabase } from "../../host/installation.ts";
import type { ControllerOptions, NodeIo } from "../../components/node-options.ts";
import { runtimeAccess } from "../../components/containerd/runtime-access.ts";
import { controllerObserver } from "./observer.ts";
import { componentProblems } from "../../status/problems/components.ts";
import type { NodeObserver } from "../../status/observers/node.ts";
import { problemText } from "../../status/problems/problem.ts";
import { configurationServer } from "../../status/configuration.ts";
import { selfObservation } from "../self-observation.ts";
import { createStatusServer, type StatusServerOptions } from "../../status/server.ts";
import { departedSources, departureTroubles } from "./departure.ts";
import { trimAfterStart } from "../start/trim-memory.ts";
import { waitClusterReady } from "../start/wait-ready.ts";
import { embeddedWorkerComponents } from "./embedded-worker.ts";

/** Runs until `io.signal` aborts; resolves once everything is stopped. */
export async function runController(options: ControllerOptions, io: NodeIo): Promise<void> {
  const { paths } = options;
  const name = beginAs("controller", options);
  const clusterExists = options.joinToken !== undefined || !(await beginsCluster(paths.pkiDir));
  const load = loadOptions(options, clusterExists);
  const { config: own } = await loadClusterConfig(load);
  const cached = options.dynamicConfig ? await withCachedConfig(own, load) : undefined;
  const config = cached ?? own;
  if (clusterExists) warnOfHostInside(config, io.log);
  logConfigWarnings(configWarnings(config), io.log);
  const planned = plannedController(options, config, cached !== undefined);
  assertJoinable(planned);
  const keys = keyStock(
    await missingRsaKeys({ paths, managedEtcd: isEtcdManaged(config), joins: clusterExists }),
  );
  await runOnHost({
    options,
    io,
    roles: { controller: true, worker: options.enableWorker },
    networks: networksOf(config),
    check: (payload) => assertCanStart({ planned, io, payload }),
    prepare: () => prepareDirectories(planned),
    writtenIn: [paths.pkiDir, paths.etcdPkiDir],
    publish: { nodeConfig: config, startupConfigPath: options.configFile },
    run: (payload, claim) => runPrepared({ planned, io, name, payload, keys, claim }, { io, claim }),
  });
}

/** Refused for a new cluster; one that is there cannot change its networks any more. */
function warnOfHostInside(config: ClusterConfig, log: Logger): void {
  for (const { path, message } of hostOutside(config))
    log.warn("A network of the cluster holds an address of this host, pods may not reach it", {
      field: pathText(path),
      problem: message,
    });
}

function assertJoinable({ joinToken, alone, single }: PlannedController): void {
  if (joinToken === undefined || !alone) return;
  const why = single ? "--single makes a cluster of one host" : "its storage is a file of one host";
  throw new UserError(`this controller cannot join a cluster: ${why}`, {
    code: "cannot-join",
    hint: "Leave the token out, or --single, or choose a storage that all controllers reach.",
  });
}

async function prepareDirectories({ paths, config }: PlannedController): Promise<void> {
  const { type, kine } = config.spec.storage;
  const file = type === "kine" ? sqliteFile(kine.dataSource, paths.dataDir) : undefined;
  const database = databaseElsewhere(file, paths.dataDir);
  if (database !== undefined) await noteDatabase(paths, database);
  await makeDir(paths.manifestsDir, { mode: 0o755 });
  await ensureDir(paths.pkiDir, { mode: 0o751 });
}

interface RunningParts {
  readonly group: ComponentGroup;
  readonly status: StatusServerOptions;
  readonly observer: NodeObserver;
}

/** What only the run itself uses. */
interface Run {
  readonly io: NodeIo;
  readonly claim: RuntimeClaim;
}

async function runPrepared(prepared: PreparedController, run: Run): Promise<void> {
  const { io } = run;
  const { signal } = io;
  const { planned, payload } = prepared;
  const programs = controllerPrograms({ ...planned, ...io, payload });
  // They take the other processors while this one prepares what is to be started.
  if (!planned.initOnly) programs.begin(signal);
  try {
    const node = controllerParts(prepared, await controllerAccess(prepared, signal));
    const parts = await runningParts(node, run, programs);
    await parts.group.init(signal);
    if (node.initOnly) return;
    await runGroup(node, run.io, parts);
  } catch (err) {
    // A signal while starting is an orderly end, not a failure.
    if (!signal.aborted) throw err;
  } finally {
    await programs.end();
  }
}

async function runningParts(
  node: ControllerParts,
  { io, claim }: Run,
  programs: StagedPrograms,
): Promise<RunningParts> {
  const startedAt = new Date();
  const { config, paths, log, tunnels } = node;
  const live = controllerLiveConfig(node, claim, () => group);
  const { client } = node;
  const sources = { options: node, live, signal: io.signal };
  const follower = clusterConfigFollower(node, live);
  const configuration =
    follower === undefined
      ? fileConfiguration(sources)
      : dynamicConfiguration({ ...sources, client, object: follower.object });
  const observation = selfObservation(node, log, () => group);
  const renewal = certificateRenewal({
    renew: () => renewCertificates(node),
    readersOnce: readersOnceOf(controllerRole),
    restart: (component, signal) => group.restart(component, signal),
    lifetimeMs: leafLifetimeMs(config),
    log,
  });
  const runtime = runtimeAccess(node.criSocket ?? paths.containerdSocket);
  const observer = controllerObserver(node, startedAt, runtime);
  const status: StatusServerOptions = {
    socketPath: paths.statusSocket,
    runDir: paths.runDir,
    log,
    sources: {
      version: k0sVersion,
      role: "controller",
      workloads: node.enableWorker,
      singleNode: node.single,
      startedAt,
      k0sVars: claim.vars(),
      service: serviceOfHost,
      clusterConfig: () => withoutSecrets(live.current()),
      componentStatuses: () => group.statuses(),
      prober: observation.prober,
      logLevels: {
        set: (component, change) => group.setLogLevel(component, change),
        restart: (component, signal) => group.restart(component, signal),
      },
      configuration: configurationServer(configuration),
      observer,
      troubles: () => departureTroubles(node.departure.reason),
      charts: recentCharts(client),
      ...(tunnels === undefined ? {} : { tunnels: (signal: AbortSignal) => tunnels.report(signal) }),
    },
  };
  const worker = node.enableWorker ? await embeddedWorkerComponents(node, runtime) : [];
  const step = io.progress.step("control plane ready");
  const group: ComponentGroup = new ComponentGroup({
    name: "controller",
    components: [
      createStatusServer(status),
      observer,
      ...observation.components,
      ...(await controllerComponents(node, controllerRole, programs)),
      ...(follower === undefined ? [] : [follower.component]),
      renewal,
      ...worker,
    ],
    log,
  });
  for (const reader of observation.readers) group.events.read(reader);
  group.events.read((event) => {
    if (event.kind !== "state") return;
    const { name, state } = event.status;
    if (name === "kube-apiserver" && state === "ready") step.done();
    if (state === "failed") step.fail(`${name} failed`);
  });
  io.onHangup?.(() => applyFile(configuration, log));
  return { group, observer, status };
}

async function runGroup(node: ControllerParts, io: NodeIo, parts: RunningParts): Promise<void> {
  const { group } = parts;
  const ended = untilAborted(io.signal);
  const starting = group.start(io.signal);
  await Promise.race([starting, node.departure.when]);
  const following = node.departure.reason === undefined ? followReadiness(node, io, parts) : undefined;
  await Promise.race([ended, node.departure.when]);
  for (const problem of departureTroubles(node.departure.reason))
    io.log.error("Ending the parts of this controller", { problem: problemText(problem) });
  io.log.info("Stopping", { node: node.name });
  await group.stop();
  // A stop ends a start that is under way with its own abort.
  await Promise.allSettled([starting]);
  // A service manager would start it again if it ended by itself, and it belongs to no cluster now.
  if (!io.signal.aborted) await tellOfDeparture(parts.status, io);
  await following;
  io.log.info("Stopped", { node: node.name, dataDir: node.paths.dataDir });
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
async function followReadiness(
  node: ControllerNode,
  io: NodeIo,
  { group, observer }: RunningParts,
): Promise<void> {
  try {
    if (node.enableWorker) {
      await waitClusterReady({
        nodeName: node.name,
        readiness: () => observer.readiness(),
        problems: () =>
          [...observer.hostProblems(), ...componentProblems(group.statuses(), new Date())].map(problemText),
        ...io,
      });
    }
    io.progress.ready(`The cluster is ready: k0s kubectl get nodes`);
    io.log.info("The cluster is ready", { node: node.name });
    await trimAfterStart(io.signal);
  } catch (err) {
    if (!io.signal.aborted) io.log.warn("Cannot follow the cluster's readiness", { err: errorMessage(err) });
  }
}
