import type { Declaration } from "../../supervisor/declaration.ts";
import type { WorkerFacts } from "../worker-facts.ts";

export const kubeProxyDeclaration: Declaration<WorkerFacts> = {
  name: "kube-proxy",
  disableable: true,
  when: ({ kubeProxy }) => kubeProxy !== undefined,
  ports: ({ kubeProxy }) =>
    (["metricsBindAddress", "healthzBindAddress"] as const).flatMap((field) =>
      kubeProxy === undefined
        ? []
        : [{ ...hostPort(kubeProxy[field]), setting: ["spec", "network", "kubeProxy", field] }],
    ),
};

function hostPort(text: string): { port: number; address: string } {
  const at = text.lastIndexOf(":");
  return { address: text.slice(0, at).replace(/^\[(.*)\]$/, "$1"), port: Number(text.slice(at + 1)) };
}
