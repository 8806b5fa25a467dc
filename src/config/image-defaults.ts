// The system images that come inside the file, by their key in `spec.images`. Upstream: pkg/apis/k0s/v1beta1/images.go.

import { componentVersions } from "../product/versions.ts";

export interface ImageDefault {
  readonly image: string;
  readonly version: string;
}

/** The sandbox image's own version number; Kubernetes' source tree carries it in build/pause. */
const pauseVersion = "3.10.2";

export const imageDefaults = {
  konnectivity: own("konnectivity-agent", componentVersions.konnectivity),
  metricsserver: own("metrics-server", componentVersions["metrics-server"]),
  coredns: own("coredns", componentVersions.coredns),
  pause: own("pause", pauseVersion),
  "calico.cni": own("calico-cni", componentVersions.calico),
  "calico.node": own("calico-node", componentVersions.calico),
  "calico.kubecontrollers": own("calico-kube-controllers", componentVersions.calico),
  "kuberouter.cni": own("kube-router", componentVersions["kube-router"]),
  "kuberouter.cniInstaller": own("cni-plugins", componentVersions["cni-plugins"]),
} as const satisfies Record<string, ImageDefault>;

export type ImageKey = keyof typeof imageDefaults;

/**
 * What nodes with Windows pull from the registries of others: no image for Windows is in the file. Of Calico's releases the one
 * that Linux nodes run, of Kubernetes' likewise. docs/adr/0074.
 */
export const windowsImageDefaults = {
  "windows.kubeproxy": {
    image: "docker.io/sigwindowstools/kube-proxy",
    version: `v${componentVersions.kubernetes}-calico-hostprocess`,
  },
  "windows.pause": { image: "registry.k8s.io/pause", version: pauseVersion },
  "calico.windows.cni": calicoForWindows("cni-windows"),
  "calico.windows.node": calicoForWindows("node-windows"),
} as const satisfies Record<string, ImageDefault>;

export type WindowsImageKey = keyof typeof windowsImageDefaults;

/** Our version of Calico names a commit behind the release. */
function calicoForWindows(name: string): ImageDefault {
  return { image: `docker.io/calico/${name}`, version: `v${componentVersions.calico.replace(/-.*/, "")}` };
}

function own(name: string, version: string): ImageDefault {
  return { image: `localhost/k0s/${name}`, version };
}
