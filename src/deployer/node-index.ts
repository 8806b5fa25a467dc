// The nodes of the cluster, followed once for the whole process and by metadata only: a thousand whole nodes are 12 MB
// and as many objects again for everyone who follows them, too. docs/adr/0051.

import type { KubeClient } from "../kube/client.ts";
import { follow } from "../kube/follow.ts";
import { createInformer, type Informer } from "../kube/informer.ts";
import { nodeKind, runtimeLabelPrefix } from "../kube/objects/node.ts";
import type { KubeObject } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { Component, Dependency } from "../supervisor/component.ts";
import { task } from "../supervisor/task.ts";
import { nodeIndexDeclaration } from "./declaration.ts";

type Listener<Fact> = (fact: Fact) => void;
type CountListener = Listener<number>;

export interface NodeIndex extends Component {
  /** Calls with the number of Linux nodes, at once if it is known, and whenever it changes. Returns how to stop listening. */
  onLinuxCount(listener: CountListener): () => void;
  /** The same with those that run Windows. */
  onWindowsCount(listener: CountListener): () => void;
  /** The same with the names of the runtimes that nodes are labelled with, sorted. */
  onRuntimes(listener: (names: readonly string[]) => void): () => void;
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
  const tell = (call: () => void): void => {
    try {
      call();
    } catch (err) {
      log.error("An add-on cannot follow the nodes", { err: errorMessage(err) });
    }
  };

  const linux = factOf(countOf("linux"), tell);
  const windows = factOf(countOf("windows"), tell);
  const runtimes = factOf(runtimesOf, tell);
  const recount = (nodes: readonly KubeObject[]): void => {
    for (const fact of [linux, windows, runtimes]) fact.recount(nodes);
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
    onRuntimes: runtimes.listen,
  };
}

interface NodeFact<Fact> {
  readonly recount: (nodes: readonly KubeObject[]) => void;
  readonly listen: (listener: Listener<Fact>) => () => void;
}

/** What is true of all nodes together, and who wants to know when it changes. */
function factOf<Fact>(
  of: (nodes: readonly KubeObject[]) => Fact,
  tell: (call: () => void) => void,
): NodeFact<Fact> {
  const listeners = new Set<Listener<Fact>>();
  let known: { readonly fact: Fact } | undefined;
  return {
    recount(nodes) {
      const fact = of(nodes);
      if (known !== undefined && Bun.deepEquals(fact, known.fact)) return;
      known = { fact };
      for (const listener of listeners) tell(() => listener(fact));
    },
    listen(listener) {
      listeners.add(listener);
      if (known !== undefined) {
        const { fact } = known;
        tell(() => listener(fact));
      }
      return () => void listeners.delete(listener);
    },
  };
}

const countOf =
  (os: string) =>
  (nodes: readonly KubeObject[]): number =>
    nodes.filter(({ metadata }) => metadata.labels?.[osLabel] === os).length;

function runtimesOf(nodes: readonly KubeObject[]): readonly string[] {
  const labels = nodes.flatMap(({ metadata }) => Object.keys(metadata.labels ?? {}));
  const names = labels.filter(isRuntimeLabel).map((label) => label.slice(runtimeLabelPrefix.length));
  return [...new Set(names)].toSorted();
}

const isRuntimeLabel = (label: string): boolean => label.startsWith(runtimeLabelPrefix);

/** Without managed fields and annotations, which are nine tenths of a node's metadata. */
function onlyLabels({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, resourceVersion, labels = {} } = metadata;
  const kept = Object.entries(labels).filter(([label]) => label === osLabel || isRuntimeLabel(label));
  return {
    apiVersion,
    kind,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      labels: Object.fromEntries(kept),
    },
  };
}
