import { expect, test } from "bun:test";
import type { StatusReport } from "../../node/status-report.ts";
import { statusText } from "./status.ts";

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
    { name: "etcd", state: "ready", since: started, restarts: 0, pid: 7 },
    { name: "kubelet", state: "failed", since: started, restarts: 3, lastError: "no disk" },
  ],
  Details: { Datastore: "kine / SQLite, 12.4 MB" },
};

test("upstream's lines first, then what is wrong, then the components", () => {
  expect(statusText(report, { now: Date.parse(started) + 150_000, terminal: false })).toBe(
    [
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
      "✖ kubelet is failed: no disk",
      "",
      "✔ etcd     ready, 2 min, pid 7",
      "✖ kubelet  failed, 2 min, 3 restarts",
      "",
    ].join("\n"),
  );
});
