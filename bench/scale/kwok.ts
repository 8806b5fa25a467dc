// KWOK: nodes and pods that exist in the API alone, kept alive as kubelets do it. Leases are renewed each 10 s, the status of
// a node each 5 minutes, and a pod on one of its nodes runs at once, and again when its node was taken for lost for a while.

import { join } from "node:path";
import { dumpYaml } from "../../src/std/yaml.ts";
import { goProgram } from "../../test/harness/programs/go-program.ts";
import type { TestMachine } from "../../test/harness/test-machine.ts";

/** On a node: which of several KWOKs keeps it alive. */
export const shardLabel = "bench/shard";
export const kwokPath = "/opt/bench/kwok";

/** Path of the program for this host, built once. */
export function kwokProgram(): Promise<string> {
  return goProgram("kwok", join(import.meta.dir, "kwok"));
}

interface Stage {
  readonly name: string;
  readonly kind: "Node" | "Pod";
  /** Which objects are to go on: a jq path, and the values that it must have or must not have. */
  readonly when: readonly (readonly [path: string, operator: string, ...values: string[]])[];
  readonly delay?: object;
  readonly next: object;
}

const ready = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const deleted = ".metadata.deletionTimestamp";
const conditions = `{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- {type: {{ .type | Quote }}, status: {{ .status | Quote }}, reason: {{ .reason | Quote }}, message: {{ .message | Quote }}, lastHeartbeatTime: {{ $now | Quote }}}
{{ end }}
`;
const readyConditions = `conditions:
- {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }}}
`;
const runs = `{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
${readyConditions}containerStatuses:
{{ range .spec.containers }}
- {name: {{ .name | Quote }}, image: {{ .image | Quote }}, ready: true, restartCount: 0, state: {running: {startedAt: {{ $now | Quote }}}}}
{{ end }}
`;

const stages: readonly Stage[] = [
  {
    name: "node-ready",
    kind: "Node",
    when: [[ready, "NotIn", "True"]],
    next: { statusTemplate: conditions },
  },
  {
    name: "node-heartbeat",
    kind: "Node",
    when: [[ready, "In", "True"]],
    delay: { durationMilliseconds: 270_000, jitterDurationMilliseconds: 330_000 },
    next: { statusTemplate: conditions },
  },
  {
    name: "pod-runs",
    kind: "Pod",
    when: [
      [deleted, "DoesNotExist"],
      [".status.phase", "In", "Pending"],
    ],
    next: { statusTemplate: runs },
  },
  {
    // A lease that is renewed too late makes kube-controller-manager take the pods of its node for not ready. A kubelet says
    // that they are, once it is back; KWOK's own stages leave them so for ever.
    name: "pod-ready-again",
    kind: "Pod",
    when: [
      [deleted, "DoesNotExist"],
      [".status.phase", "In", "Running"],
      [ready, "In", "False"],
    ],
    delay: { durationMilliseconds: 2_000 },
    next: { statusTemplate: `{{ $now := Now }}\n${readyConditions}` },
  },
  { name: "pod-goes", kind: "Pod", when: [[deleted, "Exists"]], next: { delete: true } },
];

/** What KWOK is told: documents of YAML. */
export function kwokConfiguration(): string {
  const options = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokConfiguration",
    options: {
      enableCRDs: [],
      manageAllNodes: false,
      nodePort: 0,
      nodeLeaseDurationSeconds: 40,
      // 1,000 nodes are 100 leases a second: 4 at a time, KWOK's default, are late as soon as an answer takes 40 ms.
      nodeLeaseParallelism: 32,
      podPlayStageParallelism: 32,
      nodePlayStageParallelism: 16,
      podsOnNodeSyncParallelism: 4,
    },
  };
  return [options, ...stages.map(stageObject)].map((document) => dumpYaml(document)).join("---\n");
}

function stageObject({ name, kind, when, delay, next }: Stage): object {
  const matchExpressions = when.map(([key, operator, ...values]) => ({
    key,
    operator,
    ...(values.length === 0 ? {} : { values }),
  }));
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: { matchExpressions },
      ...(delay === undefined ? {} : { delay }),
      next,
    },
  };
}

/** Starts one in a machine that has the program; it takes the nodes of its shard, through the API of `kubeconfig`. */
export async function startKwok(machine: TestMachine, shard: number, kubeconfig: string): Promise<void> {
  const file = (name: string): string => `/root/kwok-${shard}.${name}`;
  await machine.writeFile(file("conf"), kubeconfig, 0o600);
  await machine.writeFile(file("yaml"), kwokConfiguration());
  await machine.start(`kwok-${shard}`, [
    kwokPath,
    `--kubeconfig=${file("conf")}`,
    `--config=${file("yaml")}`,
    `--manage-nodes-with-label-selector=${shardLabel}=${shard}`,
  ]);
}
