// Whether the ports that the node needs are free, or its own.

import { factsBeforeSettings, workerFactsOf } from "../../../components/worker-facts.ts";
import { takenPorts } from "../../../os/ports.ts";
import { controllerRole } from "../../../roles/controller.ts";
import { portsOf, type PlannedPort } from "../../../roles/folds/ports.ts";
import { workerRole } from "../../../roles/worker.ts";
import type { Choice, Declaration } from "../../../supervisor/declaration.ts";
import { findMarkedProcesses } from "../../../supervisor/managed-processes.ts";
import { pathText } from "../../../config/problem.ts";
import { reachOf, reachOfK0s } from "../component-reach.ts";
import type { ExaminedNode } from "../examined-node.ts";
import { type Finding, type Verdict, verdictOf } from "../finding.ts";
import { type Examination, link } from "../link.ts";

/** A port, and the component whose process is to listen there, by the name it runs under. */
export type NeededPort = PlannedPort & { readonly component: string };

export interface StrangersPort {
  readonly port: NeededPort;
  /** Undefined where it cannot be seen from here. */
  readonly owner: { readonly pid: number; readonly comm: string } | undefined;
}

export interface PortFacts {
  readonly strangers: readonly StrangersPort[];
}

export const portsLink = link<PortFacts>({ name: "ports", look: lookAtPorts, judge: judgePorts });

async function lookAtPorts({ node }: Examination): Promise<PortFacts> {
  const taken = await takenPorts(neededPorts(node));
  const own = new Set((await findMarkedProcesses(node.paths.binDir)).map(({ pid }) => pid));
  if (node.k0s.state !== "gone") own.add(node.k0s.pid);
  return {
    strangers: taken
      .filter(({ owner }) => owner === undefined || !own.has(owner.pid))
      .map(({ use, owner }) => ({
        port: use,
        owner: owner === undefined ? undefined : { pid: owner.pid, comm: owner.comm },
      })),
  };
}

/** As far as the configuration tells; of a worker what every worker needs. */
export function neededPorts({
  config,
  role,
  workloads,
  disabled,
  konnectivity,
  settings,
}: ExaminedNode): readonly NeededPort[] {
  const options = {
    kubeletExtraArgs: {},
    criSocket: undefined,
    disabledComponents: disabled,
    profile: "default",
  };
  const ofController =
    config === undefined
      ? []
      : byComponent(controllerRole, {
          config,
          single: !konnectivity,
          disabledComponents: disabled,
          kubeControllerManagerExtraArgs: {},
        });
  if (!workloads && role !== "worker") return ofController;
  const facts =
    config === undefined
      ? {
          ...factsBeforeSettings(options),
          kubeletConfiguration: settings?.kubeletConfiguration ?? {},
          kubeProxy: settings?.kubeProxyConfiguration,
        }
      : workerFactsOf(config, options);
  return [...ofController, ...byComponent(workerRole, facts)];
}

function byComponent<Facts extends Choice>(
  role: readonly Declaration<Facts>[],
  facts: Facts,
): readonly NeededPort[] {
  return role.flatMap((declaration) =>
    portsOf([declaration], facts).map((port) => ({
      ...port,
      component: declaration.runningName ?? declaration.name,
    })),
  );
}

export function judgePorts({ strangers }: PortFacts, node: Pick<ExaminedNode, "k0s">): Verdict {
  return verdictOf(
    strangers.map(({ port, owner }): Finding => {
      const { component, process, address } = port;
      const who =
        owner === undefined ? "a process that is not visible here" : `${owner.comm} (pid ${owner.pid})`;
      const move =
        port.setting === undefined ? "" : `, or choose another port with ${pathText(port.setting)}`;
      const dead =
        node.k0s.state === "gone" ? [{ link: "processes", about: "k0s" } as const, ...reachOfK0s] : [];
      return {
        link: "ports",
        about: component,
        what: `port ${port.port}, which ${process} needs, is held by ${who}`,
        evidence: [
          `${who} listens on ${address ?? "every address of this host"}, TCP port ${port.port}, and was not started by k0s`,
        ],
        effect: `${process} cannot start`,
        remedy: `stop that process${owner === undefined ? "" : ` (kill ${owner.pid})`}${move}`,
        explains: [...dead, { link: "processes", about: component }, ...reachOf(component)],
      };
    }),
  );
}
