// `k0s ctr`: becomes containerd's ctr, pointed at the containerd that k0s runs. Upstream: cmd/ctr/ctr.go.

import { become } from "../core/become.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { stagedBinary } from "../core/staged-binary.ts";

export async function ctr(args: readonly string[], io: CliIo): Promise<never> {
  const paths = await livePaths({}, io);
  const program = await stagedBinary("ctr", paths, io);
  const path = io.env["PATH"];
  const env = {
    CONTAINERD_ADDRESS: paths.containerdSocket,
    CONTAINERD_NAMESPACE: "k8s.io",
    ...io.env,
    // ctr looks for shims there.
    PATH: path === undefined ? paths.binDir : `${paths.binDir}:${path}`,
  };
  return become(program, { argv0: "ctr", args, env });
}
