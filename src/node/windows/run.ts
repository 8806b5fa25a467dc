// `k0s worker` on Windows: prepare, join, run pods until it is told to end, stop. Upstream: cmd/worker/worker.go.

import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type { NodeIo, WorkerOptions } from "../../components/node-options.ts";
import { bootstrapCredentials } from "../../components/worker-join/bootstrap-source.ts";
import { storedMembership } from "../../components/worker-join/membership.ts";
import { claimRuntime } from "../../config/runtime-config.ts";
import { isTrue } from "../../kube/objects/condition.ts";
import { type Node, nodeKind } from "../../kube/objects/node.ts";
import { makeDir } from "../../os/files.ts";
import { removeStaleTemporaries } from "../../os/temporary-files.ts";
import { tryExclusive } from "../../os/windows/exclusive-file.ts";
import { restrictDirectory } from "../../os/windows/private-directory.ts";
import { isElevated } from "../../os/windows/system-calls.ts";
import { openPayload } from "../../payload/payload.ts";
import type { NodePaths } from "../../product/paths.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { sleep, untilAborted } from "../../std/wait.ts";
import { windowsProcesses } from "../../supervisor/windows-processes.ts";
import { nodeName } from "../name.ts";
import { assertRoomForPrograms } from "../start/room-for-programs.ts";
import { type RunningWindowsWorker, windowsWorker } from "./components.ts";
import { windowsParts } from "./pods.ts";

/** Runs until `io.signal` aborts; resolves once everything is stopped. */
export async function runWindowsWorker(options: WorkerOptions, io: NodeIo): Promise<void> {
  const { paths } = options;
  const name = nodeName(hostname(), options.kubeletExtraArgs["hostname-override"]);
  requireElevated();
  await using payload = await openPayload();
  const { state } = await storedMembership(paths, name);
  if (state === "none") await bootstrapCredentials(paths, options.joinToken);
  const programs = options.criSocket === undefined ? windowsParts : ["kubernetes"];
  await assertRoomForPrograms({ payload, paths, programs, images: false, signal: io.signal });
  await makeDirectories(paths);
  const claim = await claimRuntime(paths, tryExclusive);
  try {
    await io.keepLog?.();
    await removeStaleTemporaries([paths.dataDir, paths.runDir, paths.kubeletRootDir, pkiDir(paths)]);
    await claim.publish({ nodeConfig: undefined });
    const system = windowsProcesses(payload.path);
    await runNode(windowsWorker({ options, io, name, payload, system }), name, io);
  } finally {
    await claim.release();
  }
}

export function requireElevated(elevated: () => boolean = isElevated): void {
  if (elevated()) return;
  throw new UserError("this command must be run by an administrator", {
    code: "not-root",
    hint: 'Open a terminal with "Run as administrator", and try it there.',
  });
}

function pkiDir({ kubeletRootDir }: NodePaths): string {
  return join(kubeletRootDir, "pki");
}

/** Before anything is in them. What pods have as volumes must stay readable; keys and logs are nobody's. */
async function makeDirectories(paths: NodePaths): Promise<void> {
  const closed = [pkiDir(paths), paths.runDir, dirname(paths.logFile)];
  for (const dir of [paths.dataDir, paths.binDir, paths.kubeletRootDir, ...closed]) await makeDir(dir);
  await restrictDirectory(paths.dataDir, "open");
  for (const dir of closed) await restrictDirectory(dir, "closed");
}

async function runNode({ group, client }: RunningWindowsWorker, name: string, io: NodeIo): Promise<void> {
  const ended = untilAborted(io.signal);
  try {
    await group.init(io.signal);
    await group.start(io.signal);
  } catch (err) {
    // To be told to end while starting is an orderly end, not a failure.
    if (!io.signal.aborted) throw err;
    return;
  }
  const following = followReadiness(client, name, io);
  await ended;
  io.log.info("Stopping", { node: name });
  await group.stop();
  await following;
  io.log.info("Stopped", { node: name });
}

const askEveryMs = 2_000;

/** Tells when the node is Ready; while it is not yet, k0s goes on. */
async function followReadiness(
  client: RunningWindowsWorker["client"],
  name: string,
  io: NodeIo,
): Promise<void> {
  let said = "";
  while (!io.signal.aborted) {
    try {
      const node = await (
        await client()
      ).find<Node>({ ...nodeKind, name }, { signal: io.signal, timeoutMs: 10_000 });
      if (node !== undefined && isTrue(node, "Ready")) {
        io.progress.ready(`Node ${name} is Ready.`);
        io.log.info("The node is ready", { node: name });
        return;
      }
      await sleep(askEveryMs, io.signal);
    } catch (err) {
      if (io.signal.aborted) return;
      const why = errorMessage(err);
      if (why !== said) io.log.warn("Cannot follow the node's readiness, trying again", { err: why });
      said = why;
      await Promise.race([sleep(askEveryMs), untilAborted(io.signal)]);
    }
  }
}
