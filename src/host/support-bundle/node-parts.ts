// What k0s says of itself and of its components.

import { processArguments, listProcesses, processExecutable } from "../../os/processes.ts";
import { readFileIfExists } from "../../os/files.ts";
import type { NodePaths } from "../../product/paths.ts";
import { componentVersions, k0sVersion } from "../../product/versions.ts";
import { queryComponents, queryStatus } from "../../status/client.ts";
import { type Collector, jsonFile } from "./collect.ts";
import { withoutChartValues } from "./shown-configuration.ts";
import { withoutSecretValues } from "./shown-arguments.ts";

export function versionsPart(): Collector {
  return {
    name: "versions",
    collect: async (add) => add(jsonFile("versions.json", { k0s: k0sVersion, ...componentVersions })),
  };
}

export function statusPart({ statusSocket }: NodePaths): Collector {
  return {
    name: "status",
    collect: async (add, signal) => {
      const report = await queryStatus(statusSocket, signal, 10_000);
      add(jsonFile("status.json", withoutChartValues(report)));
      add(jsonFile("status-components.json", await queryComponents(statusSocket, 20, signal)));
    },
  };
}

/** Also of processes that a k0s which is gone has left. */
export function processesPart({ binDir }: NodePaths, k0s: number | undefined): Collector {
  return {
    name: "processes",
    collect: async (add) => {
      const all = await Promise.all(
        (await listProcesses()).map(async ({ pid, ppid, comm, state, threads }) => {
          const program = await processExecutable(pid);
          if (pid !== k0s && program?.startsWith(`${binDir}/`) !== true) return undefined;
          return {
            pid,
            ppid,
            comm,
            state,
            threads,
            memory: await memoryOf(pid),
            arguments: withoutSecretValues(await processArguments(pid)),
          };
        }),
      );
      add(
        jsonFile(
          "processes.json",
          all.filter((process) => process !== undefined),
        ),
      );
    },
  };
}

async function memoryOf(pid: number): Promise<string> {
  const status = (await readFileIfExists(`/proc/${pid}/status`)) ?? "";
  return /^VmRSS:\s+(.*)$/m.exec(status)?.[1] ?? "";
}
