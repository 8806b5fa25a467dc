// What a step has found, in words. Pure.

import { formatTable } from "../../src/std/text-table.ts";
import type { Step, Wave } from "./step.ts";

const shown = ["k0s", "kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"];

export function stepReport(step: Step): string {
  const { controllers, nodes, pods, load, programs, requests, latency, wave, waiting, missing = [] } = step;
  const number = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(1));
  const rows = shown.map((program) => [
    program,
    ...["pss", "anonymous", "cpu"].map((figure) =>
      programs.map((figures) => number(figures[`${figure} ${program}`])).join(" / "),
    ),
  ]);
  return [
    `${controllers} controllers, ${nodes} nodes, ${pods} pods, load ${load.toFixed(1)}`,
    JSON.stringify({ requests, latency }),
    ...(waiting === undefined ? [] : [`${waiting} of the ${pods} pods did not run in time`]),
    ...(wave === undefined ? [] : [waveText(wave)]),
    ...missing.map((what) => `not measured: ${what}`),
    formatTable(["PROGRAM", "PSS MiB", "ANONYMOUS MiB", "PROCESSOR %"], rows),
  ].join("\n");
}

function waveText({ pods, seconds, limitSeconds, stand = {} }: Wave): string {
  if (seconds !== undefined) return `${pods} pods more ran after ${seconds.toFixed(1)} s`;
  const far = Object.entries(stand).map(([what, count]) => `${what} ${count}`);
  return `${pods} pods more did not run within ${limitSeconds} s: ${far.join(", ")}`;
}
