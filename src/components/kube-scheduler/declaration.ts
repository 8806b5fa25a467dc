import type { Declaration } from "../../supervisor/declaration.ts";
import { securePorts } from "../../supervisor/secure-port.ts";
import type { ControllerFacts } from "../controller-facts.ts";

export const kubeSchedulerDeclaration: Declaration<ControllerFacts> = {
  name: "kube-scheduler",
  disableable: true,
  ports: ({ config }) => securePorts(10_259, config.spec.scheduler, ["spec", "scheduler"]),
};
