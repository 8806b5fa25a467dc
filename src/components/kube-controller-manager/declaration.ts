import { mergeFlags } from "../../std/flags.ts";
import type { Declaration } from "../../supervisor/declaration.ts";
import { securePorts } from "../../supervisor/secure-port.ts";
import type { ControllerFacts } from "../controller-facts.ts";

export const kubeControllerManagerDeclaration: Declaration<ControllerFacts> = {
  name: "kube-controller-manager",
  disableable: true,
  ports: ({ config, kubeControllerManagerExtraArgs }) => {
    const { extraArgs, rawArgs } = config.spec.controllerManager;
    const merged = mergeFlags(kubeControllerManagerExtraArgs, extraArgs);
    return securePorts(10_257, { extraArgs: merged, rawArgs }, ["spec", "controllerManager"]);
  },
};
