// The nodes of the cluster, followed once for the whole process and by metadata only: a thousand whole nodes are 12 MB
// and as many objects again for everyone who follows them, too. docs/adr/0051.

import type { KubeClient } from "../kube/client.ts";
import { follow } from "../kube/follow.ts";
import { createInformer, type Informer } from "../kube/informer.ts";
import { nodeKind } from "../kube/objects/node.ts";
import type { KubeObject } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { Component, Dependency } from "../supervisor/component.ts";
import { task } from "../supervisor/task.ts";
import { nodeIndexDeclaration } from "./declaration.ts";

type CountListener = (nodes: number) => void;

export interface NodeIndex extends Component {
  /** Calls with the number of Linux nodes, at once if it is known, and whenever it changes. Returns how to stop listening. */
  onLinuxCount(listener: CountListener): () => void;
  /** The same with those that run Windows. */
  onWindowsCount(listener: CountListener): () => void;
}

export interface NodeIndexOptions {
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
  readonly dependsOn?: readonly Dependency[];
}

const osLabel = "kubernetes.io/os";

export function nodeIndex(options: NodeIndexOptions): NodeIndex {
  const { dependsOn } = options;
  const name = nodeIndexDeclaration.name;
  const log = options.log.with({ component: name });
  const tell = (listener: CountListener, nodes: number): void => {
    try {
      listener(nodes);
    } catch (err) {
      log.error("An add-on cannot follow the number of nodes", { err: errorMessage(err) });
    }
  };

  const linux = countOf("linux", tell);
  const windows = countOf("windows", tell);
  const recount = (nodes: readonly KubeObject[]): void => {
    linux.recount(nodes);
    windows.recount(nodes);
  };

  const informer = async (): Promise<{ informer: Informer<KubeObject> }> => {
    const nodes = createInformer({
      client: await options.client(),
      kind: nodeKind,
      metadataOnly: true,
      keep: onlyLabels,
      log,
      onChange: () => recount(nodes.items()),
    });
    return { informer: nodes };
  };
  const following = follow({ name: "the nodes", log, informer });

  return {
    ...task({ name, ...(dependsOn === undefined ? {} : { dependsOn }), parts: [following] }),
    onLinuxCount: linux.listen,
    onWindowsCount: windows.listen,
  };
}

interface NodeCount {
  readonly recount: (nodes: readonly KubeObject[]) => void;
  readonly listen: (listener: CountListener) => () => void;
}

/** How many nodes run this system, and who wants to know. */
function countOf(os: string, tell: (listener: CountListener, nodes: number) => void): NodeCount {
  const listeners = new Set<CountListener>();
  let count: number | undefined;
  return {
    recount(nodes) {
      const now = nodes.filter(({ metadata }) => metadata.labels?.[osLabel] === os).length;
      if (now === count) return;
      count = now;
      for (const listener of listeners) tell(listener, now);
    },
    listen(listener) {
      listeners.add(listener);
      if (count !== undefined) tell(listener, count);
      return () => void listeners.delete(listener);
    },
  };
}

/** Without managed fields and annotations, which are nine tenths of a node's metadata. */
function onlyLabels({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, resourceVersion, labels = {} } = metadata;
  const os = labels[osLabel];
  return {
    apiVersion,
    kind,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      labels: os === undefined ? {} : { [osLabel]: os },
    },
  };
}
