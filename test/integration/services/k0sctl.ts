// What k0sctl v0.32.2 asks of a node that runs, in its words (build/docs/command-line/k0sctl-calls.ts), and what it reads of the
// answers. Only standard output and the exit code count for it.

import { expect } from "bun:test";
import { parseYaml } from "../../../src/std/yaml.ts";
import type { ServicedMachine } from "../../harness/serviced-machine.ts";

const dataDir = "/var/lib/k0s";
const configFile = "/etc/k0s/k0s.yaml";

async function answer(host: ServicedMachine, script: string): Promise<string> {
  const { code, stdout, stderr } = await host.sh(script);
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${stdout}${stderr}`);
  return stdout.trim();
}

const kubectlOf = (kubeconfig: string): string => `env "KUBECONFIG=${kubeconfig}" k0s kubectl`;

/** `flags` are those that the service was installed with. */
export async function expectFacts(host: ServicedMachine, flags: readonly string[]): Promise<void> {
  const version = await answer(host, "k0s version");
  expect(version).toMatch(/^v\d+\.\d+\.\d+[a-z0-9.-]*\+k0s\.\d+$/);
  const status = JSON.parse(await answer(host, "k0s status -o json")) as Record<string, unknown>;
  expect(status).toMatchObject({ Version: version, Role: "controller", Workloads: true });
  expect([status["Pid"], status["PPid"]]).toEqual([expect.any(Number), expect.any(Number)]);
  const [, command, ...args] = status["Args"] as readonly string[];
  // One flag more or less, and k0sctl installs again at each run.
  expect([command, ...args.toSorted()]).toEqual(["controller", ...flags.toSorted()]);
}

export async function expectConfigurations(host: ServicedMachine): Promise<void> {
  for (const create of [`config create --data-dir=${dataDir}`, "default-config"])
    expect(parseYaml(await answer(host, `k0s ${create}`), { source: create })).toMatchObject({
      kind: "ClusterConfig",
    });
  for (const validate of [
    `config validate --config="${configFile}"`,
    `config validate --config="${configFile}" --feature-gates=IPv6SingleStack=true`,
    `validate config --config "${configFile}"`,
  ])
    expect(await answer(host, `k0s ${validate}`)).toBe("");
  const admin = `kubeconfig admin --data-dir=${dataDir}`;
  expect(parseYaml(await answer(host, `k0s ${admin}`), { source: admin })).toMatchObject({
    clusters: expect.arrayContaining([
      { name: "local", cluster: expect.objectContaining({ server: expect.stringMatching(/:6443$/) }) },
    ]),
  });
  // A token that is gone by now is one warning of k0sctl's.
  expect(await host.tryK0s("token", "invalidate", `--data-dir=${dataDir}`, "abcdef")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("there is no join token abcdef"),
  });
}

export async function expectKubectl(host: ServicedMachine): Promise<void> {
  const kubectl = kubectlOf(`${dataDir}/pki/admin.conf`);
  expect(await answer(host, `${kubectl} get --raw='/readyz'`)).toBe("ok");
  await answer(host, `${kubectl} get --raw='/readyz?verbose=true'`);
  // A joining worker has no kubeconfig yet but that of its token.
  const missing = kubectlOf(`${dataDir}/none.conf`);
  await answer(host, `${missing} get --raw=/version --kubeconfig=${dataDir}/pki/admin.conf`);
  const name = (await answer(host, "hostname")).toLowerCase();
  const ofKubelet = kubectlOf(`${dataDir}/kubelet.conf`);
  const node = JSON.parse(await answer(host, `${ofKubelet} get node ${name} -o json`)) as {
    status: { conditions: readonly { type: string; status: string }[] };
  };
  expect(node.status.conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
  const uid = "get -n kube-system namespace kube-system -o template={{.metadata.uid}}";
  expect(await answer(host, `${kubectl} ${uid}`)).toMatch(/^[0-9a-f-]{36}$/);
  const events = "-n kube-system get event --field-selector involvedObject.name=k0s -o json";
  expect(JSON.parse(await answer(host, `k0s kubectl --data-dir=${dataDir} ${events}`))).toMatchObject({
    items: [],
  });
  const manifest = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"of-k0sctl"}}';
  expect(await answer(host, `echo '${manifest}' | ${kubectl} apply -f -`)).toContain("of-k0sctl created");

  const taints = `${kubectl} get node ${name} -o jsonpath='{range .spec.taints[*]}{.key}={.value}:{.effect}{"\\n"}{end}'`;
  const taint = "k0s.example/out=true:PreferNoSchedule";
  await answer(host, `${kubectl} cordon ${name}`);
  await answer(host, `${kubectl} uncordon ${name}`);
  await answer(host, `${kubectl} taint nodes --overwrite ${name} ${taint}`);
  expect((await answer(host, taints)).split("\n")).toContain(taint);
  await answer(host, `${kubectl} taint nodes ${name} ${taint}-`);
  expect(await answer(host, taints)).not.toContain(taint);
}

/** Installs over the service that is there, as k0sctl does for an upgrade and for other flags. */
export async function installAgain(host: ServicedMachine, flags: readonly string[]): Promise<void> {
  const quoted = flags.map((flag) => `'${flag}'`).join(" ");
  await answer(host, `k0s install controller ${quoted} --force=true`);
}
