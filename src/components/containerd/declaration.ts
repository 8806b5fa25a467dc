import { cniConfDir, hostCniBinDir } from "../../product/paths.ts";
import { workerConfigDeclaration } from "../worker-config/declaration.ts";
import { workerJoinDeclaration } from "../worker-join/declaration.ts";
import type { WorkerDeclaration } from "../node-facts.ts";

/** Where the node is given another runtime there is none. */
export const containerdDeclaration = {
  name: "containerd",
  when: ({ criSocket }) => criSocket === undefined,
  logLevel: "info",
  // The sandbox of every pod.
  images: () => ["pause"],
  follows: { "images.pause": "restart", "images.repository": "restart" },
  programs: ["containerd", "runc"],
  restsOn: [workerJoinDeclaration, workerConfigDeclaration],
  carries: ["node", "CNI", "DNS", "system pods"],
  dataEntries: ["cni-bin", "containerd"],
  dataContent: { containerd: /^(io\.containerd\..+|tmpmounts)$/ },
  dataMounts: /^containerd\/[^/]+\//,
  // Its own, those of the CNI plug-ins that it calls, and where k0s looks for what an operator adds to its configuration.
  leaves: [
    {
      sharedDirectories: [
        cniConfDir,
        "/etc/cni",
        hostCniBinDir,
        "/opt/cni",
        "/var/lib/cni/results",
        "/var/lib/cni/networks",
        "/var/lib/cni/cache/results",
        "/var/lib/cni/cache",
        "/var/lib/cni",
        "/run/netns",
        "/run/containerd/runc/k8s.io",
        "/run/containerd/runc",
        "/run/containerd/s",
        "/run/containerd",
        "/run/nri",
        "/etc/k0s/containerd.d",
        "/etc/k0s",
      ],
      // Of shims, and of plug-ins by NRI.
      socketDirectories: ["/run/containerd/s", "/run/nri"],
    },
  ],
} satisfies WorkerDeclaration;

/** Imports the images that come inside the file. */
export const fileImages = { name: "images" };

/** Imports what a person puts into the folder of images. */
export const imageBundlesDeclaration = {
  name: "image-bundles",
  when: ({ criSocket }) => criSocket === undefined,
  make: async ({ paths, log }) => {
    const { bundleImages } = await import("./images/component.ts");
    const { containerdSocket, imagesDir } = paths;
    return bundleImages({
      containerdSocket,
      imagesDir,
      dependsOn: [containerdDeclaration],
      log: log.with({ component: "image-bundles" }),
    });
  },
  dataEntries: ["images"],
} satisfies WorkerDeclaration;

/** Tells the cluster what containerd can do, and which of its settings are out of date. */
export const nodeReportDeclaration = {
  name: "containerd-report",
  when: ({ criSocket }) => criSocket === undefined,
} satisfies WorkerDeclaration;
