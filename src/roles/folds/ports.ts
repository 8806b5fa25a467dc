// The ports of a node: what `config validate` compares fields by, and what a start finds taken.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { pathText } from "../../config/problem.ts";
import type { PortUse } from "../../os/ports.ts";
import { isUnspecified, normalizeIp } from "../../std/ip.ts";
import { type Choice, type Declaration, type DeclaredPort, runs } from "../../supervisor/declaration.ts";

export interface PlannedPort extends DeclaredPort {
  readonly process: string;
}

/** Of what a node with these facts runs. */
export function portsOf<Facts extends Choice>(
  role: readonly Declaration<Facts>[],
  facts: Facts,
): readonly PlannedPort[] {
  return role
    .filter((declaration) => runs(declaration, facts))
    .flatMap(({ name, ports }) => (ports?.(facts) ?? []).map((port) => ({ process: name, ...port })));
}

/** Those that come and go while a node runs. */
export function laterPortsOf(
  role: readonly Pick<Declaration, "name" | "laterPorts">[],
  config: ClusterConfig,
): readonly PlannedPort[] {
  return role.flatMap(({ name, laterPorts }) =>
    (laterPorts?.(config) ?? []).map((port) => ({ process: name, ...port })),
  );
}

/** As a start asks for them: which is taken, by whom, and which setting moves it. */
export function portUses(ports: readonly PlannedPort[]): readonly PortUse[] {
  return ports.map(({ setting, ...port }) => ({
    ...port,
    ...(setting === undefined ? {} : { setting: pathText(setting) }),
  }));
}

/** Whether one of two processes on the same host would find its port taken by the other. */
export function collide(one: DeclaredPort, other: DeclaredPort): boolean {
  if (one.port !== other.port) return false;
  if (isEvery(one.address) || isEvery(other.address)) return true;
  return normalizeIp(one.address ?? "") === normalizeIp(other.address ?? "");
}

function isEvery(address: string | undefined): boolean {
  return address === undefined || isUnspecified(address);
}
