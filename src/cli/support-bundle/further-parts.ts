// What other commands say of the node and its host, in a bundle.

import { examineHost } from "../../host/doctor/examine.ts";
import { type Collector, jsonFile } from "../../host/support-bundle/collect.ts";
import type { NodePaths } from "../../product/paths.ts";
import { diagnosisData } from "../doctor/data.ts";
import { diagnosisText } from "../doctor/text.ts";
import type { CliIo } from "../core/io.ts";
import { asData, reportsOfHost } from "../sysinfo/run.ts";

export function doctorPart(paths: NodePaths): Collector {
  return {
    name: "doctor",
    collect: async (add, signal) => {
      const { node, diagnosis } = await examineHost(paths, signal);
      add({ path: "doctor.txt", text: diagnosisText(diagnosis, { terminal: false }) });
      add(jsonFile("doctor.json", diagnosisData(diagnosis, node)));
    },
  };
}

export function sysinfoPart(paths: NodePaths, io: Pick<CliIo, "signal" | "root">): Collector {
  return {
    name: "sysinfo",
    collect: async (add) => {
      const reports = await reportsOfHost(paths, { controller: true, worker: true }, io);
      add(jsonFile("sysinfo.json", reports.map(asData)));
    },
  };
}
