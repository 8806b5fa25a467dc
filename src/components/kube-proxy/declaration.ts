import { withoutBrackets } from "../../std/ip.ts";
import type { Declaration } from "../../supervisor/declaration.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import { workerConfigDeclaration } from "../worker-config/declaration.ts";
import { workerJoinDeclaration } from "../worker-join/declaration.ts";
import type { WorkerFacts } from "../worker-facts.ts";

export const kubeProxyDeclaration = {
  name: "kube-proxy",
  disableable: true,
  programs: ["kube-proxy"],
  restsOn: [kubeApiserverDeclaration, workerJoinDeclaration, workerConfigDeclaration],
  carries: ["CNI", "DNS", "system pods"],
  follows: { "network.kubeProxy": "restart", featureGates: "restart" },
  argumentsField: "spec.network.kubeProxy.extraArgs",
  dataEntries: ["kube-proxy-mode"],
  leaves: [
    {
      links: /^kube-ipvs0$/,
      chains: /^KUBE[-_]/,
      sets: /^(6-)?KUBE-/,
      rules: /--comment\s+"?kubernetes /,
      tables: ["kube-proxy"],
    },
  ],
  when: ({ kubeProxy }) => kubeProxy !== "off",
  ports: ({ kubeProxy }) =>
    (["metricsBindAddress", "healthzBindAddress"] as const).flatMap((field) =>
      kubeProxy === undefined || kubeProxy === "off"
        ? []
        : [{ ...hostPort(kubeProxy[field]), setting: ["spec", "network", "kubeProxy", field] }],
    ),
} satisfies Declaration<WorkerFacts>;

function hostPort(text: string): { port: number; address: string } {
  const at = text.lastIndexOf(":");
  return { address: withoutBrackets(text.slice(0, at)), port: Number(text.slice(at + 1)) };
}
