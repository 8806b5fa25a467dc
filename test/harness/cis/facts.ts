// What there is on a running node that checks of the CIS benchmark look at.

import { parseYaml } from "../../../src/std/yaml.ts";
import type { TestMachine } from "../test-machine.ts";
import type { CisProcess } from "./look.ts";

export interface FileFact {
  readonly path: string;
  readonly mode: number;
  /** `user:group` */
  readonly owner: string;
}

export interface CisFacts {
  readonly arguments: ReadonlyMap<CisProcess, ReadonlyMap<string, string>>;
  readonly kubelet: Readonly<Record<string, unknown>>;
  readonly kubeProxy: Readonly<Record<string, unknown>>;
  readonly files: readonly FileFact[];
  readonly texts: ReadonlyMap<string, string>;
  /** By what they have. */
  readonly refusedPods: ReadonlySet<string>;
  readonly answers: ReadonlyMap<string, string>;
}

const processes: readonly CisProcess[] = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "etcd",
  "kubelet",
];
const looked = [
  "/var/lib/k0s/pki",
  "/var/lib/k0s/etcd",
  "/var/lib/k0s/kubelet.conf",
  "/run/k0s/kubelet",
  "/etc/cni/net.d",
];
const read = ["/var/lib/k0s/pki/encryption.yaml", "/var/lib/k0s/kube-apiserver/audit-policy.yaml"];

export async function cisFactsOf(node: TestMachine): Promise<CisFacts> {
  const name = (await node.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")).trim();
  const configz = await node.kubectl("get", "--raw", `/api/v1/nodes/${name}/proxy/configz`);
  const { kubeletconfig } = JSON.parse(configz) as { kubeletconfig: Record<string, unknown> };
  return {
    arguments: new Map(
      await Promise.all(processes.map(async (one) => [one, await argumentsOf(node, one)] as const)),
    ),
    kubelet: kubeletconfig,
    kubeProxy: parseYaml(await node.readFile("/run/k0s/kube-proxy/config.yaml")) as Record<string, unknown>,
    files: await filesOf(node),
    texts: new Map(await Promise.all(read.map(async (file) => [file, await node.readFile(file)] as const))),
    refusedPods: await refusedPodsOf(node),
    answers: await answersOf(node),
  };
}

async function argumentsOf(node: TestMachine, process: CisProcess): Promise<ReadonlyMap<string, string>> {
  const pid = (await node.readFile(`/run/k0s/${process}.pid`)).trim();
  const args = (await node.readFile(`/proc/${pid}/cmdline`)).split("\0");
  return new Map(
    args.flatMap((arg) => {
      const [, flag, value = ""] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
      return flag === undefined ? [] : [[flag, value] as const];
    }),
  );
}

async function filesOf(node: TestMachine): Promise<FileFact[]> {
  // What is not there is what some checks ask for.
  const all = [...looked, "/etc/kubernetes/manifests", "/etc/systemd/system/kubelet.service"];
  const there = (await node.sh(`for file in ${all.join(" ")}; do [ ! -e $file ] || echo $file; done`)).stdout;
  const listed = await node.ok(["find", ...there.trim().split("\n"), "-printf", "%m %u:%g %p\\n"]);
  return listed
    .trim()
    .split("\n")
    .map((line) => {
      const [mode = "", owner = "", path = ""] = line.split(" ");
      return { path, owner, mode: Number.parseInt(mode, 8) };
    });
}

const container = { name: "p", image: "localhost/k0s/web:1" };
const secured = (securityContext: object) => ({ containers: [{ ...container, securityContext }] });
const pods: Readonly<Record<string, object>> = {
  "a privileged container": secured({ privileged: true }),
  hostPID: { hostPID: true },
  hostIPC: { hostIPC: true },
  hostNetwork: { hostNetwork: true },
  allowPrivilegeEscalation: secured({ allowPrivilegeEscalation: true }),
  root: secured({ runAsUser: 0 }),
  "NET_RAW added": secured({ capabilities: { add: ["NET_RAW"] } }),
  "SYS_ADMIN added": secured({ capabilities: { add: ["SYS_ADMIN"] } }),
  hostProcess: {
    hostNetwork: true,
    securityContext: { windowsOptions: { hostProcess: true, runAsUserName: "NT AUTHORITY\\SYSTEM" } },
    nodeSelector: { "kubernetes.io/os": "windows" },
    os: { name: "windows" },
  },
  hostPath: { volumes: [{ name: "v", hostPath: { path: "/" } }] },
  hostPort: { containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 80 }] }] },
};

/** Those that namespace default does not take, by the words of Pod Security admission. */
async function refusedPodsOf(node: TestMachine): Promise<ReadonlySet<string>> {
  const tried = await Promise.all(
    Object.entries(pods).map(async ([what, spec]) => {
      const overrides = JSON.stringify({ spec });
      const { stderr } = await node.tryKubectl(
        "run",
        "p",
        `--image=${container.image}`,
        `--overrides=${overrides}`,
        "--dry-run=server",
      );
      return stderr.includes("violates PodSecurity") && stderr.includes("is forbidden") ? [what] : [];
    }),
  );
  return new Set(tried.flat());
}

/** What nobody may who has only logged in: verb and resource. */
const rights = [
  "list secrets",
  "create pods",
  "impersonate users",
  "create persistentvolumes",
  "get nodes/proxy",
  "update certificatesigningrequests/approval",
  "create validatingwebhookconfigurations",
  "create mutatingwebhookconfigurations",
  "create serviceaccounts/token",
];

async function answersOf(node: TestMachine): Promise<ReadonlyMap<string, string>> {
  const may = await Promise.all(
    rights.map(async (right) => {
      const [verb = "", resource = ""] = right.split(" ");
      const { stdout } = await node.tryKubectl(
        "auth",
        "can-i",
        verb,
        resource,
        "-A",
        "--as=somebody",
        "--as-group=system:authenticated",
      );
      return [`whether everybody who has logged in may ${right}`, stdout.trim()] as const;
    }),
  );
  const list = async <T>(kind: string): Promise<readonly T[]> =>
    (JSON.parse(await node.kubectl("get", kind, "-A", "-o", "json")) as { items: T[] }).items;
  const bindings = await list<Binding>("clusterrolebindings");
  const roles = (await list<Role>("clusterroles,roles")).filter(
    ({ metadata }) => metadata.labels?.["kubernetes.io/bootstrapping"] === undefined,
  );
  const accounts = await list<Account>("serviceaccounts");
  const namesOf = (objects: readonly Named[]): string =>
    objects.length === 0 ? "none" : objects.map(({ metadata: { name } }) => name).join(",");
  const withRule = (test: (words: readonly string[]) => boolean): string =>
    namesOf(roles.filter(({ rules }) => (rules ?? []).some((rule) => test(Object.values(rule).flat()))));
  return new Map([
    ...may,
    [
      "bindings to cluster-admin besides Kubernetes' own",
      namesOf(
        bindings.filter(
          ({ metadata, roleRef }) => roleRef.name === "cluster-admin" && metadata.name !== "cluster-admin",
        ),
      ),
    ],
    ["roles that k0s adds with a wildcard", withRule((words) => words.includes("*"))],
    [
      "roles that k0s adds with bind, impersonate or escalate",
      withRule((words) => ["bind", "impersonate", "escalate"].some((verb) => words.includes(verb))),
    ],
    [
      "default service accounts that mount tokens",
      namesOf(
        accounts.filter(
          ({ metadata, automountServiceAccountToken }) =>
            metadata.name === "default" && automountServiceAccountToken !== false,
        ),
      ),
    ],
  ]);
}

interface Named {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}
interface Binding extends Named {
  readonly roleRef: { readonly name: string };
}
interface Role extends Named {
  readonly rules?: readonly Readonly<Record<string, readonly string[]>>[] | null;
}
interface Account extends Named {
  readonly automountServiceAccountToken?: boolean;
}
