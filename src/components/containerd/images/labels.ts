// The labels that k0s puts on images. Upstream: pkg/component/worker/ocibundle.go.

/** kubelet's image collection leaves images with this label alone. The second one spares the CRI plug-in an update. */
export const pinnedLabel = {
  "io.cri-containerd.pinned": "pinned",
  "io.cri-containerd.image": "managed",
} as const;

/** On images that somebody else had pinned before k0s claimed them: they stay pinned. */
export const pinnedBeforeLabel = "io.k0sproject.pinned-before";

/** On images that came from the executable. */
export const payloadLabel = "io.k0sproject.payload";

/** On images from bundle files: a JSON map from the file's path to its modification time. */
export const bundlePathsLabel = "io.k0sproject.ocibundle-paths";
