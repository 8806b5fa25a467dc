import type { Declaration } from "../../supervisor/declaration.ts";
import { apiAddress, type ControllerFacts } from "../controller-facts.ts";

export const kubeApiserverDeclaration: Declaration<ControllerFacts> = {
  name: "kube-apiserver",
  ports: ({ config }) => [
    { port: config.spec.api.port, ...apiAddress(config), setting: ["spec", "api", "port"] },
  ],
};
