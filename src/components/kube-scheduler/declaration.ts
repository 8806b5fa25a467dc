import { securePorts } from "../../supervisor/secure-port.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

/** Unless its arguments name another one. */
export const kubeSchedulerBuiltInPort = 10_259;

export const kubeSchedulerDeclaration = {
  name: "kube-scheduler",
  make: async (node) => (await import("./component.ts")).kubeScheduler(node),
  disableable: true,
  logLevel: "1",
  programs: ["kube-scheduler"],
  user: "kube-scheduler",
  certificates: { scheduler: "once" },
  restsOn: [kubeApiserverDeclaration],
  carries: ["DNS", "system pods"],
  follows: { scheduler: "restart", featureGates: "restart" },
  argumentsField: "spec.scheduler.extraArgs",
  ports: ({ config }) => securePorts(kubeSchedulerBuiltInPort, config.spec.scheduler, ["spec", "scheduler"]),
} satisfies ControllerDeclaration;
