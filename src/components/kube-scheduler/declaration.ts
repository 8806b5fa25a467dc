import type { Declaration } from "../../supervisor/declaration.ts";
import { securePorts } from "../../supervisor/secure-port.ts";
import type { ControllerFacts } from "../controller-facts.ts";

export const kubeSchedulerDeclaration = {
  name: "kube-scheduler",
  disableable: true,
  logLevel: "1",
  programs: ["kube-scheduler"],
  user: "kube-scheduler",
  certificatesReadOnce: ["scheduler"],
  argumentsField: "spec.scheduler.extraArgs",
  ports: ({ config }) => securePorts(10_259, config.spec.scheduler, ["spec", "scheduler"]),
} satisfies Declaration<ControllerFacts>;
