// The containers of every pod, so that a test can tell whether one was started again.

import type { TestMachine } from "./test-machine.ts";

interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly containerID?: string;
      readonly restartCount: number;
    }[];
  };
}

/** One line a container: `namespace/pod container id restarts`. */
export async function runningContainers({ kubectl }: Pick<TestMachine, "kubectl">): Promise<string[]> {
  const { items } = JSON.parse(await kubectl("get", "pods", "-A", "-o", "json")) as { items: Pod[] };
  return items
    .flatMap(({ metadata, status }) =>
      (status.containerStatuses ?? []).map(
        ({ name, containerID, restartCount }) =>
          `${metadata.namespace}/${metadata.name} ${name} ${containerID ?? "none"} ${restartCount}`,
      ),
    )
    .sort();
}
