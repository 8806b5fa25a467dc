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

function own(name: string, version: string): ImageDefault {
  return { image: `localhost/k0s/${name}`, version };
}
