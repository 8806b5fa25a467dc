import { type Declaration, loopback } from "../../supervisor/declaration.ts";
import type { ControllerFacts } from "../controller-facts.ts";

/** Of calico-node, on loopback. */
export const felixHealthPort = 9099;
export const kubeRouterHealthPort = 20_244;

export const networkDeclaration = {
  name: "network-provider",
  disableable: true,
  laterPorts: ({ spec }) => {
    const { provider, kuberouter } = spec.network;
    if (provider === "calico") return [{ port: felixHealthPort, address: loopback, process: "calico-node" }];
    if (provider !== "kuberouter") return [];
    const process = "kube-router";
    const setting = ["spec", "network", "kuberouter", "metricsPort"];
    const metrics = { port: kuberouter.metricsPort, process, setting };
    return [{ port: kubeRouterHealthPort, process }, ...(kuberouter.metricsPort > 0 ? [metrics] : [])];
  },
} satisfies Declaration<ControllerFacts>;
