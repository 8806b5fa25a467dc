// Helm charts on a node without a network: a chart with hooks, definitions, a subchart and tests, from a bundle, from its
// installation over upgrades that fail and crashes in the middle to its end; charts that need each other.
// Scenario `addons`.

import { expect, test } from "bun:test";
import type { Chart } from "../../src/components/helm-extensions/chart.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { startDistribution } from "../harness/distribution.ts";
import { chartImage, kindChart, packChart, settingsChart, type TestChart } from "../harness/helm-charts.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";

const port = 5000;
const image = "localhost/k0s/toolbox:1";
const chartname = `oci://127.0.0.1:${port}/team/shop`;

const job = (name: string, hooks: string, command: string): string => `
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-${name}
  annotations: {helm.sh/hook: "${hooks}", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      containers:
      - {name: a, image: ${image}, imagePullPolicy: Never, command: ["sh", "-c", ${command}]}
---`;

/** `more`: another field of its container. */
const deploymentWith = (more: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: a
        image: ${image}
        imagePullPolicy: Never
        command: [sleep, "1000000"]
        ${more}
`;

/** Hooks before and after, a definition with an object of it, a subchart, a Deployment that has to become ready, a test. */
async function shopChart(): Promise<TestChart> {
  const { files } = kindChart("1.0.0");
  return {
    name: "shop",
    version: "1.0.0",
    dependencies: [{ name: "settings", version: "^1", repository: "", condition: "settings.enabled" }],
    files: {
      "crds/things.yaml": files["crds/things.yaml"] ?? "",
      "charts/settings-1.0.0.tgz": await packChart(settingsChart("1.0.0")),
      "values.yaml": 'before: "exit 0"\nready: "true"\nsettings: {enabled: true, greeting: from shop}\n',
      "templates/all.yaml": `${String(files["templates/thing.yaml"])}---
${job("before", "pre-install,pre-upgrade", "{{ .Values.before | quote }}")}
${job("after", "post-install", '"exit 0"')}
${deploymentWith("readinessProbe: {periodSeconds: 1, exec: {command: [sh, -c, {{ .Values.ready | quote }}]}}")}
---
apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}-test, annotations: {helm.sh/hook: test}}
spec:
  restartPolicy: Never
  containers: [{name: a, image: ${image}, imagePullPolicy: Never, command: ["true"]}]
`,
    },
  };
}

const helmSpec = {
  repositories: [
    { name: "team", url: `oci://127.0.0.1:${port}`, plainHTTP: true, username: "us", password: "se:cret" },
  ],
  charts: [{ name: "shop", chartname, version: "^1", namespace: "shop", timeout: "4m", values: "" }],
};

const cluster = clusterOfFile({
  controllers: [
    singleNode({
      noRoutes: true,
      async prepare(machine) {
        const images = [await chartImage(await shopChart(), "team")];
        const networkNamespace = machine.networkNamespace();
        await using registry = await startDistribution({ images, port, networkNamespace, plainHttp: true });
        expect([registry.user, registry.password]).toEqual(["us", "se:cret"]);
        await machine.writeFile(
          "/root/charts.yaml",
          JSON.stringify({ spec: { extensions: { helm: helmSpec } } }),
        );
        const output = "/var/lib/k0s/images/charts.tar";
        await machine.ok([
          "k0s",
          "airgap",
          "bundle-artifacts",
          "-o",
          output,
          "--config",
          "/root/charts.yaml",
        ]);
      },
    }),
  ],
  spec: { extensions: { helm: helmSpec } },
});
const node = (): TestMachine => cluster.controller;

type Status = NonNullable<Chart["status"]>;

async function until(name: string, what: string, test: (status: Status) => boolean): Promise<Status> {
  let last: Status = {};
  try {
    await node().waitFor(what, async () => {
      const found = await node().tryKubectl("get", "chart", "-n", "kube-system", name, "-o", "json");
      last = found.code === 0 ? ((JSON.parse(found.stdout) as Chart).status ?? {}) : {};
      return test(last);
    });
    return last;
  } catch (err) {
    throw new Error(`${what}: ${JSON.stringify(last)}`, { cause: err });
  }
}

const own = (values: string, { name = "own", namespace = "own" } = {}, more: object = {}): Promise<string> =>
  node().apply(
    JSON.stringify({
      apiVersion: "helm.k0sproject.io/v1beta1",
      kind: "Chart",
      metadata: {
        name,
        namespace: "kube-system",
        finalizers: ["helm.k0sproject.io/uninstall-helm-release"],
      },
      spec: {
        chartName: chartname,
        version: "1.0.0",
        releaseName: name,
        namespace,
        values,
        timeout: "4m",
        ...more,
      },
    }),
  );
const deployment = (): Promise<string> =>
  node().kubectl("get", "deployment", "-n", "own", "own", "-o", "jsonpath={.status.readyReplicas}");
const helmPid = (): Promise<string> =>
  node().waitFor("helm at work", async () =>
    (await node().exec(["pgrep", "-f", "^helm upgrade own"])).stdout.trim(),
  );
const revisions = async (): Promise<string[]> => {
  const path = '{range .items[*]}{.metadata.labels.version} {.metadata.labels.status}{"\\n"}{end}';
  const found = await node().kubectl(
    "get",
    "secret",
    "-n",
    "own",
    "-l",
    "owner=helm",
    "-o",
    `jsonpath=${path}`,
  );
  return found
    .trim()
    .split("\n")
    .toSorted((one, other) => Number.parseInt(one) - Number.parseInt(other));
};

test("the chart of k0s.yaml is installed from the bundle, with hooks, definition and subchart; its tests pass", async () => {
  const machine = node();
  const status = await until("k0s-addon-chart-shop", "the installation", ({ revision }) => revision === 1);
  expect(status).toMatchObject({ status: "deployed", version: "1.0.0", error: "" });
  const succeeded = ["get", "job", "-n", "shop", "-o", "jsonpath={.items[*].status.succeeded}"];
  expect(await machine.kubectl(...succeeded)).toBe("1 1");
  expect(await machine.kubectl("get", "thing", "-n", "shop", "-o", "name")).toContain("/shop");
  const greeting = ["get", "configmap", "-n", "shop", "shop-settings", "-o", "jsonpath={.data.greeting}"];
  expect(await machine.kubectl(...greeting)).toBe("from shop");
  expect((await machine.tryKubectl("get", "pod", "-n", "shop", "shop-test")).code).toBe(1);
  const tested = [
    "/var/lib/k0s/bin/helm",
    "test",
    "shop",
    "-n",
    "shop",
    "--kubeconfig",
    "/var/lib/k0s/pki/admin.conf",
  ];
  expect(await machine.ok(tested)).toMatch(/Phase:\s+Succeeded/);
  expect(await machine.k0s("stack", "list")).toMatch(
    /k0s-addon-chart-shop\s+Installed\s+shop\/shop\s+1\.0\.0\s+1/,
  );
}, 600_000);

test("a hook that fails: the upgrade is rolled back, and the hook is named", async () => {
  await own("");
  await until("own", "the installation", ({ revision }) => revision === 1);
  expect(await deployment()).toBe("1");
  await own('before: "exit 3"');
  const { error } = await until("own", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toContain("the upgrade to revision 2 failed and was rolled back to revision 1:");
  expect(error).toContain("the hook Job own-before (pre-install, pre-upgrade) has failed");
  expect(await deployment()).toBe("1");
  const listed = await node().exec(["k0s", "stack", "list"]);
  expect([listed.code, listed.stdout]).toEqual([1, expect.stringMatching(/own\s+Failed\s+own\/own/)]);
}, 600_000);

test("pods that never become ready: rolled back; the next change works", async () => {
  await own('ready: "false"', {}, { timeout: "15s" });
  const failed = await until("own", "the failure", ({ error = "" }) => error.includes("deadline exceeded"));
  expect(failed.error).toContain("and was rolled back to revision");
  await own("settings: {greeting: again}");
  await until("own", "the upgrade", ({ error }) => error === "");
  expect(await deployment()).toBe("1");
}, 600_000);

test("helm is killed in the middle: rolled back", async () => {
  await own('before: "sleep 1000"');
  const pid = await helmPid();
  await node().waitFor("the hook", async () =>
    (await revisions()).some((line) => line.endsWith("pending-upgrade")),
  );
  await node().ok(["kill", "-9", pid]);
  const { error } = await until("own", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toContain("helm was ended by SIGKILL");
  expect((await revisions()).at(-1)).toEndWith(" deployed");
}, 600_000);

test("k0s is killed in the middle: helm ends with it, the next start heals the release and goes on", async () => {
  const machine = node();
  await own('before: "sleep 1001"', {}, { timeout: "60s" });
  const pid = await helmPid();
  // The last one: that of the helm that was killed before is pending for good.
  await machine.waitFor(
    "the hook",
    async () => (await revisions()).at(-1)?.endsWith("pending-upgrade") === true,
  );
  await machine.k0sProcess.kill("SIGKILL");
  await machine.k0sProcess.exited;
  await machine.waitFor(
    "the end of helm",
    async () => (await machine.exec(["test", "-e", `/proc/${pid}`])).code !== 0,
  );
  await machine.restartK0s();
  await machine.clusterReady();
  await machine.waitFor("the healing", async () =>
    (await machine.k0sLog()).includes("was left in the middle"),
  );
  await own("settings: {greeting: at last}");
  await until(
    "own",
    "the upgrade",
    ({ error, operation, status }) => error === "" && operation === undefined && status === "deployed",
  );
  const greeting = ["get", "configmap", "-n", "own", "own-settings", "-o", "jsonpath={.data.greeting}"];
  expect(await machine.kubectl(...greeting)).toBe("at last");
  const shop = await until("k0s-addon-chart-shop", "the other one", ({ error }) => error === "");
  expect(shop.revision).toBe(1);
}, 900_000);

test("uninstalled: all of it goes but the definition, and no password was in a log", async () => {
  const machine = node();
  await machine.kubectl("delete", "chart", "-n", "kube-system", "own", "--timeout=240s");
  expect(
    await machine.kubectl(
      "get",
      "deployment,configmap",
      "-n",
      "own",
      "-l",
      "app.kubernetes.io/managed-by=Helm",
      "-o",
      "name",
    ),
  ).toBe("");
  expect((await machine.tryKubectl("get", "deployment", "-n", "own", "own")).code).toBe(1);
  expect(await machine.kubectl("get", "crd", "things.tests.example", "-o", "name")).toContain("things");
  expect(await machine.readLog("k0s")).not.toContain("se:cret");
  expect(await machine.kubectl("get", "chart", "-A", "-o", "json")).not.toContain("se:cret");
}, 600_000);

/** A Deployment whose pod needs the ConfigMap that another release of it brings. */
const pairChart: TestChart = {
  name: "pair",
  version: "1.0.0",
  files: {
    "values.yaml": "needs: none\n",
    "templates/all.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-given}
data: {word: {{ .Release.Name | quote }}}
---
${deploymentWith("envFrom: [{configMapRef: {name: {{ .Values.needs }}-given}}]")}
`,
  },
};

test("charts that wait for each other's objects are installed together", async () => {
  const machine = node();
  const file = "/root/pair.tgz";
  await machine.writeFile(file, await packChart(pairChart));
  const more = { chartName: file, timeout: "4m" };
  await own("needs: right", { name: "left", namespace: "pair" }, more);
  await own("needs: left", { name: "right", namespace: "pair" }, more);
  for (const name of ["left", "right"]) {
    const { error, revision } = await until(name, "the release", ({ status }) => status === "deployed");
    expect([name, error, revision]).toEqual([name, "", 1]);
  }
  const ready = ["get", "deployments", "-n", "pair", "-o", "jsonpath={.items[*].status.readyReplicas}"];
  expect(await machine.kubectl(...ready)).toBe("1 1");
  await machine.kubectl("delete", "chart", "-n", "kube-system", "left", "right", "--timeout=240s");
  expect(await machine.kubectl("get", "deployments", "-n", "pair", "-o", "name")).toBe("");
}, 600_000);
