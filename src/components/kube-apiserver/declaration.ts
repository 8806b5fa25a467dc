import { apiAddress, isSingleController } from "../controller-facts.ts";
import { datastoreIdentityDeclaration } from "../datastore-identity/declaration.ts";
import { etcdDeclaration, externalEtcdDeclaration } from "../etcd/declaration.ts";
import { kineDeclaration } from "../kine/declaration.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

export const kubeApiserverDeclaration = {
  name: "kube-apiserver",
  make: async (node) => (await import("./component.ts")).kubeApiserver(node),
  logLevel: "1",
  programs: ["kube-apiserver"],
  user: "kube-apiserver",
  group: "root",
  certificates: {
    server: "again",
    "front-proxy-ca": "again",
    "front-proxy-client": "again",
    "apiserver-kubelet-client": "again",
    "apiserver-etcd-client": "again",
    "kubelet-serving-bundle": "again",
  },
  restsOn: [datastoreIdentityDeclaration, etcdDeclaration, externalEtcdDeclaration, kineDeclaration],
  carries: ["API", "tunnel", "node", "CNI", "DNS", "system pods"],
  follows: { "api.extraArgs": "restart", "api.rawArgs": "restart", featureGates: "restart" },
  argumentsField: "spec.api.extraArgs",
  // What spec.security asks it to read, and what it logs.
  dataEntries: ["kube-apiserver", "audit"],
  ports: ({ config }) => [
    { port: config.spec.api.port, ...apiAddress(config), setting: ["spec", "api", "port"] },
  ],
} satisfies ControllerDeclaration;

/** The roles of Kubernetes' own programs are there: see bootstrap-roles.ts. */
export const bootstrapRolesDeclaration = {
  name: "bootstrap-roles",
  make: async (node) => (await import("./bootstrap-roles.ts")).bootstrapRoles(node),
} satisfies ControllerDeclaration;

/** Keeps a context for every controller in admin.conf. */
export const adminKubeconfigDeclaration = {
  name: "admin-kubeconfig",
  when: (facts) => !isSingleController(facts, facts.config),
  make: async (node) => (await import("./admin-kubeconfig.ts")).adminKubeconfig(node),
} satisfies ControllerDeclaration;

/** Keeps the endpoints of the API where an address of others leads to it. */
export const endpointReconcilerDeclaration = {
  name: "endpoint-reconciler",
  make: async (node) => (await import("./endpoints.ts")).endpointReconciler(node),
  disableable: true,
  when: ({ config: { spec } }) =>
    spec.api.externalAddress !== undefined && !spec.network.controlPlaneLoadBalancing.enabled,
} satisfies ControllerDeclaration;
