// Routes that a host without a default route needs for Services and for Calico's pods. They lead to the loopback device:
// the service proxy changes the destination before a packet goes there. Upstream leaves this to the user.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runOrThrow } from "../../os/exec.ts";
import { hangMs } from "../../os/patience.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { ownRouteProtocol } from "./declaration.ts";
import { missingRoutes } from "./missing-routes.ts";
import type { WorkerNode } from "../node-facts.ts";

export interface HostRoutesOptions {
  /** IPv4 networks that must be routed somewhere. */
  readonly destinations: readonly string[];
  /** Directory of the relocated `ip`. */
  readonly toolsDir: string;
}

/** A network that goes down takes its routes with it, so that one look at the start is not enough. */
const intervalMs = 15_000;

export function hostRoutes(node: WorkerNode, options: HostRoutesOptions): Component {
  const log = node.log.with({ component: "host-routes" });
  const add = async (signal: AbortSignal): Promise<void> => {
    const table = await readFile("/proc/net/route", "utf8");
    for (const destination of missingRoutes(table, options.destinations)) {
      const args = ["route", "add", destination, "dev", "lo", "proto", ownRouteProtocol];
      await runOrThrow(join(options.toolsDir, "ip"), args, { signal, timeoutMs: hangMs });
      log.info("Added a route, for the host has none that leads there", { destination });
    }
  };
  const loop = createLoop({ name: "routes of the host", log, everyMs: intervalMs, round: add });
  // At the stop the routes stay, because pods may stay too.
  return task({
    name: "host-routes",
    parts: async (signal) => {
      // The loop tries again, and its health reports it.
      await add(signal).catch(() => signal.throwIfAborted());
      return [loop];
    },
  });
}
