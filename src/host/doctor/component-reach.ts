// What no longer works when a component does not. Pure.

import { all, type Explained } from "./finding.ts";

const processes = (...names: readonly string[]): Explained[] =>
  names.map((about) => ({ link: "processes", about }));

const clients = ["kube-scheduler", "kube-controller-manager", "kubelet", "kube-proxy"];
const api: readonly Explained[] = [
  ...all("API", "tunnel", "node", "CNI", "DNS", "system pods"),
  ...processes(...clients),
];
/** What its files are like does not follow from its process. */
const datastore: readonly Explained[] = [
  { link: "datastore", about: "answers" },
  ...processes("kube-apiserver", "datastore-identity"),
  ...api,
];
const pods = all("CNI", "DNS", "system pods");

const reaches: Readonly<Record<string, readonly Explained[]>> = {
  etcd: datastore,
  kine: datastore,
  "external-etcd": datastore,
  database: [...processes("kine"), ...datastore],
  "datastore-identity": datastore,
  certificates: [...processes("etcd", "kine", "konnectivity"), ...datastore],
  "kube-apiserver": api,
  konnectivity: all("tunnel"),
  "kube-controller-manager": all("node", "DNS", "system pods"),
  "kube-scheduler": all("DNS", "system pods"),
  containerd: [...processes("kubelet"), ...all("node"), ...pods],
  kubelet: [...all("node"), ...pods],
  "kube-proxy": [...pods],
  join: [...processes("kubelet", "kube-proxy", "containerd"), ...all("API", "node"), ...pods],
  "worker-settings": [...processes("kubelet", "kube-proxy", "containerd"), ...all("node"), ...pods],
};

/** Of the components that are programs, and of those that these wait for; by the name that it runs under. */
export function reachOf(component: string): readonly Explained[] {
  return reaches[component] ?? [];
}

/** Whether others wait for it, so that it is not just a part of k0s that notices what they lack. */
export function isPrincipal(component: string): boolean {
  return reaches[component] !== undefined;
}

/** Of a k0s that does not run, or hangs: its processes, and all that they do. */
export const reachOfK0s: readonly Explained[] = [...all("processes"), ...datastore];
