// How every node looks at itself: health checks of its components, and with `--debug` a listener that tells about the process.

import type { Logger } from "../std/log.ts";
import type { Component } from "../supervisor/component.ts";
import { type EventReader, eventLog } from "../supervisor/events.ts";
import type { ComponentGroup } from "../supervisor/group.ts";
import { createHealthProber, type HealthProber } from "../supervisor/health-prober.ts";
import { debugServer } from "./debug-server.ts";
import type { NodeOptions } from "../components/node-options.ts";

export interface SelfObservation {
  readonly prober: HealthProber;
  readonly components: readonly Component[];
  /** Of the events of the group. */
  readonly readers: readonly EventReader[];
}

/** `group` is asked once the node runs. */
export function selfObservation(
  options: Pick<NodeOptions, "debug" | "debugListenOn">,
  log: Logger,
  group: () => ComponentGroup,
): SelfObservation {
  const statuses = () => group().statuses();
  const prober = createHealthProber({
    checks: () => group().healthChecks(),
    onVerdict: (component, error) => group().judge(component, error),
    log,
  });
  const debug = options.debug ? [debugServer({ listenOn: options.debugListenOn, statuses, log })] : [];
  return { prober, components: [prober, ...debug], readers: [prober.read, eventLog(log)] };
}
