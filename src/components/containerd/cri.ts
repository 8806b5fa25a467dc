// The Container Runtime Interface of any runtime: whether it is there, and which pods it has.
// Upstream: pkg/container/runtime/cri.go.

import { ContainerState, ImageService, PodSandboxState, RuntimeService } from "../../proto/cri/runtime_pb.js";
import { type CallOptions, grpcChannel } from "../../std/grpc.ts";

export interface CriRuntime {
  readonly name: string;
  readonly version: string;
}

export interface PodSandboxInfo {
  readonly id: string;
  /** Of the pod, as kubelet knows it. */
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Its network is up and its containers may run. */
  readonly ready: boolean;
}

export interface RuntimeFacts {
  /** What pods can be run with, by name. */
  readonly handlers: readonly string[];
  /** What containerd says of its own settings that are out of date. */
  readonly deprecations: readonly Deprecation[];
}

export interface Deprecation {
  /** `io.containerd.deprecation/…` */
  readonly id: string;
  readonly message: string;
}

/** `socket` is a path or `unix:///path`; dispose the client to close the connection. */
export function criClient(socket: string) {
  const channel = grpcChannel(`unix:${socket.replace(/^unix:(\/\/)?/, "")}`);
  const runtime = channel.service(RuntimeService);
  const images = channel.service(ImageService);
  return {
    /** Fails until the CRI plug-in serves requests. */
    async ping(options?: CallOptions): Promise<CriRuntime> {
      const { runtimeName, runtimeVersion } = await runtime.version({ version: "v1" }, options);
      return { name: runtimeName, version: runtimeVersion };
    },
    async facts(options?: CallOptions): Promise<RuntimeFacts> {
      const { status, runtimeHandlers } = await runtime.status({}, options);
      const outdated = (status?.conditions ?? []).find(
        (condition) => condition.type === "ContainerdHasNoDeprecationWarnings" && !condition.status,
      );
      const messages = outdated === undefined ? {} : (JSON.parse(outdated.message) as object);
      return {
        // The one without a name is the one that pods get which ask for none.
        handlers: runtimeHandlers.map(({ name }) => name).filter((name) => name !== ""),
        deprecations: Object.entries(messages).map(([id, message]) => ({ id, message: String(message) })),
      };
    },
    async podSandboxes(options?: CallOptions): Promise<PodSandboxInfo[]> {
      const { items } = await runtime.listPodSandbox({}, options);
      return items.map(({ id, metadata, state }) => ({
        id,
        ready: state === PodSandboxState.SANDBOX_READY,
        namespace: metadata?.namespace ?? "",
        name: metadata?.name ?? "",
        uid: metadata?.uid ?? "",
      }));
    },
    /** Ids of the containers that run. */
    async runningContainers(options?: CallOptions): Promise<ReadonlySet<string>> {
      const { containers } = await runtime.listContainers({}, options);
      const running = containers.filter(({ state }) => state === ContainerState.CONTAINER_RUNNING);
      return new Set(running.map(({ id }) => id));
    },
    /** Ends the containers of the pod and removes its network. */
    async stopPodSandbox(podSandboxId: string, options?: CallOptions): Promise<void> {
      await runtime.stopPodSandbox({ podSandboxId }, options);
    },
    async removePodSandbox(podSandboxId: string, options?: CallOptions): Promise<void> {
      await runtime.removePodSandbox({ podSandboxId }, options);
    },
    /** Every name that the kubelet finds without pulling; pinned ones are not collected. */
    async images(options?: CallOptions): Promise<ReadonlyMap<string, { pinned: boolean }>> {
      const { images: found } = await images.listImages({}, options);
      return new Map(
        found.flatMap(({ repoTags, pinned }) => repoTags.map((tag) => [tag, { pinned }] as const)),
      );
    },
    [Symbol.dispose]: () => channel.close(),
  };
}
