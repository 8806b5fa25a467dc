// The CNI plug-ins of containernetworking/plugins: one program with a link for each plug-in, beside those that others put there.

import type { Payload } from "./payload.ts";
import { type StagingOptions, startStaging } from "./staging.ts";

/** `dir` is where containerd looks for plug-ins, and may hold plug-ins of others. */
export async function stageCniPlugins(payload: Payload, dir: string, options: StagingOptions): Promise<void> {
  const parts = payload.index.parts.filter((part) => part.kind === "cni-plugins");
  await startStaging(payload, parts, { dir, own: false }, options).done;
}
