import type { Declaration } from "../../supervisor/declaration.ts";
import { apiAddress, type ControllerFacts } from "../controller-facts.ts";

export const kubeApiserverDeclaration = {
  name: "kube-apiserver",
  logLevel: "1",
  programs: ["kube-apiserver"],
  user: "kube-apiserver",
  group: "root",
  argumentsField: "spec.api.extraArgs",
  ports: ({ config }) => [
    { port: config.spec.api.port, ...apiAddress(config), setting: ["spec", "api", "port"] },
  ],
} satisfies Declaration<ControllerFacts>;

/** Keeps the endpoints of the API where an address of others leads to it. */
export const endpointReconcilerDeclaration = {
  name: "endpoint-reconciler",
  disableable: true,
  when: ({ config: { spec } }) =>
    spec.api.externalAddress !== undefined && !spec.network.controlPlaneLoadBalancing.enabled,
} satisfies Declaration<ControllerFacts>;
