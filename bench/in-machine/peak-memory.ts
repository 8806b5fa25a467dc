// Peak of k0s's resident memory, less the pages that are mapped files now: its program and libraries.

import { readFile } from "node:fs/promises";
import { queryStatus } from "../../src/node/status.ts";

const { Pid } = await queryStatus("/run/k0s/status.sock");
const status = await readFile(`/proc/${Pid}/status`, "utf8");
const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
console.log(
  JSON.stringify({
    peakMiB: kib("VmHWM") / 1024,
    anonymousPeakMiB: (kib("VmHWM") - kib("RssFile")) / 1024,
  }),
);
