import { type DeclaredPort, type Declaration, loopback } from "../../supervisor/declaration.ts";
import { containerdDeclaration } from "../containerd/declaration.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import { workerConfigDeclaration } from "../worker-config/declaration.ts";
import { workerJoinDeclaration } from "../worker-join/declaration.ts";
import { kubeletRootEntries } from "./root-entries.ts";
import type { WorkerFacts } from "../worker-facts.ts";

export const kubeletPort = 10_250;
export const kubeletHealthPort = 10_248;

/** Each of them may be moved or, with 0, switched off by the profile, and once more by `--kubelet-extra-args`. */
const listeners = [
  { field: "port", flag: "port", byDefault: kubeletPort },
  { field: "readOnlyPort", flag: "read-only-port", byDefault: 0 },
  { field: "healthzPort", flag: "healthz-port", byDefault: kubeletHealthPort },
];

export const kubeletDeclaration = {
  name: "kubelet",
  logLevel: "1",
  programs: ["kubelet"],
  restsOn: [kubeApiserverDeclaration, workerJoinDeclaration, workerConfigDeclaration, containerdDeclaration],
  carries: ["node", "CNI", "DNS", "system pods"],
  follows: { workerProfiles: "restart", featureGates: "restart", "network.nodeLocalDNS": "restart" },
  argumentsField: "--kubelet-extra-args",
  dataEntries: ["kubelet"],
  dataContent: { kubelet: new RegExp(`^(${kubeletRootEntries.join("|")})$`) },
  dataMounts: /^kubelet\/(pods|plugins)\//,
  leaves: [
    {
      // The first is what flex volumes are looked for in; the second is a fixed name of kubelet, whatever its root is.
      paths: ["/usr/libexec/k0s", "/var/lib/kubelet/device-plugins"],
      sharedDirectories: [
        "/var/log/containers",
        "/var/log/pods",
        "/var/lib/kubelet",
        // Made by the mount program that kubelet calls.
        "/run/mount",
        "/usr/libexec",
      ],
      chains: /^KUBE-/,
    },
  ],
  ports: ({ kubeletConfiguration: profile, profileAt, kubeletExtraArgs: flags }) => {
    const health = flags["healthz-bind-address"] ?? profile["healthzBindAddress"];
    const healthAddress = typeof health === "string" ? health : loopback;
    return listeners.flatMap(({ field, flag, byDefault }): DeclaredPort[] => {
      const inProfile = profile[field];
      const port = Number(flags[flag] ?? (typeof inProfile === "number" ? inProfile : byDefault));
      const moves = typeof inProfile === "number" && flags[flag] === undefined && profileAt !== undefined;
      const address = field === "healthzPort" ? { address: healthAddress } : {};
      const setting = moves ? { setting: [...profileAt, field] } : {};
      return Number.isInteger(port) && port > 0 ? [{ port, ...address, ...setting }] : [];
    });
  },
} satisfies Declaration<WorkerFacts>;
