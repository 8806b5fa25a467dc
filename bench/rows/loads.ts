// What loads cost in processor time: ConfigMaps written as fast as four writers can, and pods that come and go.

import type { BenchNode } from "../node.ts";
import type { Group, Measurement, Row } from "../row.ts";

const writes = 3_000;
/** In a minute. */
const pods = 50;

/** Programs are idle by then, and behave as they do when a load meets them so (upstream/shared/idlegc). */
const settleMs = 75_000;

interface Load {
  readonly prefix: string;
  readonly group: Group;
  readonly what: string;
  readonly command: string;
  /** Of these, and of everything together. */
  readonly programs: readonly string[];
  readonly ask: (node: BenchNode) => Promise<Readonly<Record<string, number>>>;
}

/** Rows `<prefix>-<program>`, `-all`, `-took`. */
function load({ prefix, group, what, command, programs, ask }: Load): Measurement<BenchNode> {
  const row = (name: string, text: string): Row => ({
    id: `${prefix}-${name}`,
    what: `${what}: ${text}`,
    unit: "s",
    group,
    command,
  });
  const rows = [
    ...programs.map((program) => row(program, `processor time of ${program}`)),
    row("all", "processor time of the whole node"),
    row("took", "how long it took"),
  ];
  return {
    rows,
    measure: async (node, signal) => {
      await node.rest(settleMs, signal);
      const found = await ask(node);
      if (process.env["BENCH_DETAILS"] !== undefined) console.error(found);
      return new Map(rows.map(({ id }) => [id, found[id.slice(prefix.length + 1)] ?? Number.NaN]));
    },
  };
}

export const writeLoad = (prefix: string, command: string, store: "etcd" | "kine"): Measurement<BenchNode> =>
  load({
    prefix,
    group: "write-load",
    what: `${writes} ConfigMaps written`,
    command,
    programs: ["kube-apiserver", store],
    ask: (node) => node.askLoad("write-load", String(writes)),
  });

export const podLoad = (prefix: string, command: string): Measurement<BenchNode> =>
  load({
    prefix,
    group: "pod-load",
    what: `${pods} pods in a minute`,
    command,
    programs: [
      "kube-apiserver",
      "kine",
      "kubelet",
      "containerd",
      "kube-controller-manager",
      "kube-scheduler",
    ],
    ask: (node) => node.askLoad("pod-load", String(pods), String(pods)),
  });
