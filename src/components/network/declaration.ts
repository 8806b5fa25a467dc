import { loopback } from "../../supervisor/declaration.ts";
import type { ControllerFacts } from "../controller-facts.ts";
import type { ControllerDeclaration } from "../node-facts.ts";
import { calicoTraces } from "./calico/traces.ts";
import { kubeRouterTraces } from "./kube-router/traces.ts";

/** Of calico-node, on loopback. */
export const felixHealthPort = 9099;
export const kubeRouterHealthPort = 20_244;

const withProvider =
  (provider: Provider) =>
  ({ config }: ControllerFacts): boolean =>
    config.spec.network.provider === provider;
const withCalico = withProvider("calico");

const images = {
  calico: ["calico.cni", "calico.node", "calico.kubecontrollers"],
  kuberouter: ["kuberouter.cni", "kuberouter.cniInstaller"],
  custom: [],
} as const;

type Provider = keyof typeof images;

export const networkDeclaration = {
  name: "network-provider",
  make: async ({ config, disabledComponents, paths, stacks, client, log }) =>
    (await import("./provider.ts")).networkProvider({
      config,
      manifestsDir: paths.manifestsDir,
      proxied: !disabledComponents.has("kube-proxy"),
      stacks,
      client,
      log: log.with({ component: "network-provider" }),
    }),
  disableable: true,
  stacks: ["calico", "calico_init", "kuberouter"],
  images: ({ networkProvider }) =>
    isProvider(networkProvider) ? images[networkProvider] : Object.values(images).flat(),
  workloads: [
    { name: "calico-node", when: withCalico },
    { name: "calico-kube-controllers", when: withCalico },
    { name: "kube-router", when: withProvider("kuberouter") },
  ],
  follows: {
    "network.calico": "apply",
    "network.kuberouter": "apply",
    "network.nodeLocalLoadBalancing": "apply",
    "images.calico": "apply",
    "images.kuberouter": "apply",
    "images.repository": "apply",
    "images.default_pull_policy": "apply",
  },
  leaves: [calicoTraces, kubeRouterTraces],
  laterPorts: ({ spec }) => {
    const { provider, kuberouter } = spec.network;
    if (provider === "calico") return [{ port: felixHealthPort, address: loopback, process: "calico-node" }];
    if (provider !== "kuberouter") return [];
    const process = "kube-router";
    const setting = ["spec", "network", "kuberouter", "metricsPort"];
    const metrics = { port: kuberouter.metricsPort, process, setting };
    return [{ port: kubeRouterHealthPort, process }, ...(kuberouter.metricsPort > 0 ? [metrics] : [])];
  },
} satisfies ControllerDeclaration;

function isProvider(name: string | undefined): name is Provider {
  return name !== undefined && Object.hasOwn(images, name);
}
