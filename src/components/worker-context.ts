// What every part of a worker is built from.

import type { NodeProcessContext } from "../supervisor/node-process.ts";

export interface WorkerContext extends NodeProcessContext {
  readonly nodeName: string;
  /** In which the relocated netfilter tools are found. */
  readonly env: Readonly<Record<string, string>>;
}
