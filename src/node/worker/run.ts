// `k0s worker`: prepare, join, run pods until the signal, stop. Upstream: cmd/worker/worker.go.

import { join } from "node:path";
import { errorMessage } from "../../std/errors.ts";
import { untilAborted } from "../../std/wait.ts";
import { unknownNetworks } from "../../host/sysinfo/cluster-networks.ts";
import { beginAs, runOnHost } from "../start/begin.ts";
import { assertWorkerCanStart } from "../start/worker-checks.ts";
import { componentProblems } from "../../status/problems/components.ts";
import { problemText } from "../../status/problems/problem.ts";
import type { NodeIo, WorkerOptions } from "../../components/node-options.ts";
import { trimAfterStart } from "../start/trim-memory.ts";
import { waitNodeReady } from "../start/wait-ready.ts";
import { type RunningWorker, workerNode } from "./components.ts";

/** Runs until `io.signal` aborts; resolves once everything is stopped. */
export async function runWorker(options: WorkerOptions, io: NodeIo): Promise<void> {
  const { paths } = options;
  const name = beginAs("worker", options);
  await runOnHost({
    options,
    io,
    roles: { controller: false, worker: true },
    networks: unknownNetworks,
    check: (payload) => assertWorkerCanStart({ options, io, name, payload }),
    writtenIn: [paths.kubeletRootDir, join(paths.kubeletRootDir, "pki")],
    publish: { nodeConfig: undefined },
    run: async (payload, claim) =>
      runNode(await workerNode({ options, io, name, payload, k0sVars: claim.vars() }), io),
  });
}

async function runNode(node: RunningWorker, io: NodeIo): Promise<void> {
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
async function followReadiness({ name, group, observer }: RunningWorker, io: NodeIo): Promise<void> {
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
