import { mergeFlags } from "../../std/flags.ts";
import { securePorts } from "../../supervisor/secure-port.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

/** Unless its arguments name another one. */
export const kubeControllerManagerBuiltInPort = 10_257;

export const kubeControllerManagerDeclaration = {
  name: "kube-controller-manager",
  make: async (node) => (await import("./component.ts")).kubeControllerManager(node),
  disableable: true,
  logLevel: "1",
  programs: ["kube-controller-manager"],
  user: "kube-controller-manager",
  group: "root",
  certificates: { ccm: "once" },
  restsOn: [kubeApiserverDeclaration],
  carries: ["node", "DNS", "system pods"],
  follows: { controllerManager: "restart", featureGates: "restart" },
  argumentsField: "spec.controllerManager.extraArgs",
  // The directory of flex volumes, which kubelet's declaration has, too.
  leaves: [{ withoutPods: ["/usr/libexec/k0s"] }],
  ports: ({ config, kubeControllerManagerExtraArgs }) => {
    const { extraArgs, rawArgs } = config.spec.controllerManager;
    const merged = mergeFlags(kubeControllerManagerExtraArgs, extraArgs);
    return securePorts(kubeControllerManagerBuiltInPort, { extraArgs: merged, rawArgs }, [
      "spec",
      "controllerManager",
    ]);
  },
} satisfies ControllerDeclaration;
