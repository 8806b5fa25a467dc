// `k0s worker`: prepare, join, run pods until the signal, stop. Upstream: cmd/worker/worker.go.

import { hostname } from "node:os";
import { join } from "node:path";
import { writeRunDirNote } from "../../config/run-dir-note.ts";
import { claimRuntime } from "../../config/runtime-config.ts";
import { makeDir } from "../../os/files.ts";
import { ensureHostsFile } from "../../os/hosts-file.ts";
import { removeStaleTemporaries } from "../../os/temporary-files.ts";
import { openPayload } from "../../payload/payload.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { untilAborted } from "../../std/wait.ts";
import { endManagedProcesses } from "../../supervisor/managed-processes.ts";
import { assertWorkerCanStart } from "../start/worker-checks.ts";
import { beginInstallation, notePods } from "../../host/installation.ts";
import { nodeName } from "../name.ts";
import { componentProblems } from "../../status/problems/components.ts";
import { problemText } from "../../status/problems/problem.ts";
import type { NodeIo, WorkerOptions } from "../options.ts";
import { runPreflight } from "../start/preflight.ts";
import { trimAfterStart } from "../start/trim-memory.ts";
import { waitNodeReady } from "../start/wait-ready.ts";
import { type WorkerNode, workerNode } from "./components.ts";

/** Runs until `io.signal` aborts; resolves once everything is stopped. */
export async function runWorker(options: WorkerOptions, io: NodeIo): Promise<void> {
  if (process.geteuid?.() !== 0) {
    throw new UserError("k0s worker must run as root", { hint: "Use sudo.", code: "not-root" });
  }
  const { paths } = options;
  const name = nodeName(hostname(), options.kubeletExtraArgs["hostname-override"]);
  await runPreflight({
    controller: false,
    worker: true,
    dataDir: paths.dataDir,
    log: io.log,
    ignore: options.ignorePreFlightChecks,
  });
  await using payload = await openPayload();
  await assertWorkerCanStart({ options, io, name, payload });
  const claim = await claimRuntime(paths);
  try {
    await beginInstallation(paths, io.log);
    await notePods(paths);
    await writeRunDirNote(paths);
    for (const dir of [paths.binDir, paths.imagesDir]) await makeDir(dir, { mode: 0o755 });
    await ensureHostsFile(io.log);
    // What a killed k0s left still holds its ports.
    await endManagedProcesses(paths.binDir, { timeoutMs: 5_000, signal: io.signal });
    const kubeletPki = join(paths.kubeletRootDir, "pki");
    await removeStaleTemporaries([paths.dataDir, paths.runDir, paths.kubeletRootDir, kubeletPki]);
    await claim.publish({ nodeConfig: undefined });
    await runNode(workerNode({ options, io, name, payload, k0sVars: claim.vars() }), io);
  } finally {
    await claim.release();
  }
}

async function runNode(node: WorkerNode, io: NodeIo): Promise<void> {
  const ended = untilAborted(io.signal);
  try {
    await node.group.init(io.signal);
    await node.group.start(io.signal);
  } catch (err) {
    // A signal while starting is an orderly end, not a failure.
    if (!io.signal.aborted) throw err;
    return;
  }
  const following = followReadiness(node, io);
  await ended;
  io.log.info("Stopping", { node: node.name });
  await node.group.stop();
  await following;
  io.log.info("Stopped", { node: node.name });
}

/** Tells when the node is Ready; while it is not yet, k0s goes on. */
async function followReadiness({ name, group, observer }: WorkerNode, io: NodeIo): Promise<void> {
  try {
    await waitNodeReady({
      nodeName: name,
      readiness: () => observer.readiness(),
      problems: () =>
        [...observer.hostProblems(), ...componentProblems(group.statuses(), new Date())].map(problemText),
      ...io,
    });
    io.progress.ready(`Node ${name} is Ready.`);
    io.log.info("The node is ready", { node: name });
    await trimAfterStart(io.signal);
  } catch (err) {
    if (!io.signal.aborted) io.log.warn("Cannot follow the node's readiness", { err: errorMessage(err) });
  }
}
