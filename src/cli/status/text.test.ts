import { expect, test } from "bun:test";
import type { StatusReport } from "../../status/protocol.ts";
import { statusText } from "./text.ts";

const started = "2026-11-23T10:00:00Z";
const report: StatusReport = {
  Version: "v1.37.2+k0s.0",
  Pid: 42,
  PPid: 0,
  Role: "controller",
  SysInit: "",
  StubFile: "",
  Output: "",
  Workloads: true,
  SingleNode: true,
  Args: ["k0s"],
  WorkerToAPIConnectionStatus: { Message: "refused", Success: false },
  ClusterConfig: null,
  K0sVars: {},
  StartedAt: started,
  Healthy: false,
  Problems: ["kubelet is failed: no disk"],
  Components: [
    ...["etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager", "containerd"].map((name) => ({
      name,
      state: "ready" as const,
      since: started,
      restarts: name === "etcd" ? 1 : 0,
      pid: 7,
    })),
    { name: "kubelet", state: "failed", since: started, restarts: 3, lastError: "no disk" },
  ],
  Details: { Datastore: "kine / SQLite, 12.4 MB" },
};

test("what is wrong first, then upstream's lines, then the components, as many on a line as fit", () => {
  expect(statusText(report, { now: Date.parse(started) + 150_000, terminal: false })).toBe(
    [
      "✖ kubelet is failed: no disk",
      "",
      "Version: v1.37.2+k0s.0",
      "Process ID: 42",
      "Role: controller",
      "Workloads: true",
      "SingleNode: true",
      "Kube-api probing successful: false",
      "Kube-api probing last error:  refused",
      "Up: 2 min",
      "Datastore: kine / SQLite, 12.4 MB",
      "",
      "✖ kubelet  failed, 2 min, 3 restarts",
      "✔ etcd 2 min, 1 restart  kube-apiserver 2 min  kube-scheduler 2 min  kube-controller-manager 2 min",
      "✔ containerd 2 min",
      "",
    ].join("\n"),
  );
});

test("tunnels by node: trouble is marked, a node that is down is not", () => {
  const tunnel = (node: string, controllers: string[], missing: string[], nodeReady = true) => ({
    node,
    address: "10.0.0.1",
    nodeReady,
    controllers,
    missing,
  });
  const Tunnels = [
    tunnel("w1", ["c2"], ["c1"]),
    tunnel("off", [], ["c1", "c2"], false),
    ...Array.from({ length: 20 }, (_, at) => tunnel(`n${at}`, ["c1", "c2"], [])),
  ];
  const text = statusText({ ...report, Tunnels }, { now: Date.parse(started), terminal: false });
  expect(text).toContain(
    [
      "Tunnels: 20 of 22 nodes connected to every controller",
      "✖ w1   to c2; none to c1",
      "– off  node is not Ready; none to c1, c2",
      "✔ n0   to c1, c2",
    ].join("\n"),
  );
  expect(text).toContain("✔ n9   to c1, c2\n  and 10 more\n");
});

test("Helm charts are a table, with what is wrong with them", () => {
  const chart = {
    phase: "Installed" as const,
    namespace: "shop",
    version: "1.2.0",
    revision: 3,
    message: "",
  };
  const Charts = [
    { ...chart, name: "api", release: "api" },
    { ...chart, name: "web", release: "web", phase: "Failed" as const, message: "no" },
  ];
  expect(statusText({ ...report, Charts }, { now: Date.parse(started), terminal: false })).toContain(`

CHART   STATUS      RELEASE    VERSION   REVISION   MESSAGE
api     Installed   shop/api   1.2.0     3
web     Failed      shop/web   1.2.0     3          no

✖ kubelet`);
  expect(statusText({ ...report, Charts: [] }, { now: 0, terminal: false })).not.toContain("CHART");
});
