// containerd's services over its unix socket, in the namespace that Kubernetes uses.

import { Content } from "../../proto/containerd/services/content/v1/content_pb.js";
import { Diff } from "../../proto/containerd/services/diff/v1/diff_pb.js";
import { Images } from "../../proto/containerd/services/images/v1/images_pb.js";
import { Leases } from "../../proto/containerd/services/leases/v1/leases_pb.js";
import { Snapshots } from "../../proto/containerd/services/snapshots/v1/snapshots_pb.js";
import { grpcChannel } from "../../std/grpc.ts";

const kubernetesNamespace = "k8s.io";

export type ContainerdClient = ReturnType<typeof containerdClient>;

/** Connects when first used; dispose it to close the connection. */
export function containerdClient(socket: string) {
  const channel = grpcChannel(`unix:${socket}`);
  const metadata = { "containerd-namespace": kubernetesNamespace };
  return {
    content: channel.service(Content, metadata),
    diff: channel.service(Diff, metadata),
    images: channel.service(Images, metadata),
    leases: channel.service(Leases, metadata),
    snapshots: channel.service(Snapshots, metadata),
    [Symbol.dispose]: () => channel.close(),
  };
}
