import { expect, test } from "bun:test";
import { diagnose } from "../diagnosis.ts";
import type { ExaminedNode } from "../examined-node.ts";
import { answering, component, examined, findingsOf, whatOf } from "../testdata/examined.ts";
import { judgeProcesses, type ProcessFacts } from "./processes.ts";

const facts = (changes: Partial<ProcessFacts> = {}): ProcessFacts => ({
  states: new Map(),
  left: [],
  endedInDisorder: false,
  dropIns: [],
  ...changes,
});
const service: ExaminedNode["service"] = {
  manager: "systemd",
  name: "k0scontroller",
  definition: "/etc/systemd/system/k0scontroller.service",
  runs: false,
  says: "failed (Result=exit-code)",
};
const log = {
  name: "journal of k0scontroller.service",
  lines: ["all is well", "Error: Port 6443, which kube-apiserver needs, is in use by nc (pid 9)."],
};

test("a k0s that starts no program says why, as its status does", () => {
  const Problems = ["cannot reach the API server https://10.0.0.1:6443: connection refused"];
  const Components = [component("join", { state: "starting", waitingFor: "the API server" })];
  const verdict = judgeProcesses(
    facts(),
    examined({ k0s: answering({ Components, Problems, Healthy: false }) }),
  );
  expect(whatOf(verdict)).toEqual(Problems);
});

test("those that are well are not named", () => {
  const node = examined({ k0s: answering({ Components: [component("etcd", { pid: 3 })] }) });
  expect(judgeProcesses(facts({ states: new Map([[3, "S"]]) }), node)).toEqual({ state: "well" });
});

test("one that is stopped by a signal is named before k0s itself has noticed", () => {
  const node = examined({ k0s: answering({ Components: [component("kine", { pid: 3 })] }) });
  const verdict = judgeProcesses(facts({ states: new Map([[3, "T"]]) }), node);
  expect(whatOf(verdict)).toEqual(["kine (pid 3) is stopped by a signal"]);
  expect(findingsOf(verdict)[0]?.remedy).toBe("let it go on: kill -CONT 3");
});

test("what only waits for one that is down follows from it", () => {
  const Components = [
    component("etcd", {
      state: "backing-off",
      lastExit: "exited with code 1",
      lastOutput: ["panic: no disk"],
    }),
    component("datastore-identity", { state: "starting", waitingFor: "etcd" }),
    component("controller-lease", { state: "unhealthy", lastError: "no leader" }),
  ];
  const verdict = judgeProcesses(facts(), examined({ k0s: answering({ Components }) }));
  const { findings, consequences } = diagnose([{ link: "processes", verdict }]);
  expect(findings.map(({ about }) => about)).toEqual(["etcd"]);
  expect(findings[0]?.evidence).toContain("output: panic: no disk");
  expect(consequences.map(({ finding }) => finding.about)).toEqual([
    "controller-lease",
    "datastore-identity",
  ]);
});

test.each([
  ["image-bundles", { state: "unhealthy", lastError: "a.tar cannot be imported" }, "image-bundles"],
  ["kubelet", { state: "starting", pid: 3, waitingFor: "the API server" }, "kubelet"],
  ["endpoint-reconciler", { state: "starting", waitingFor: "the API server" }, "k0s"],
  ["ports", { state: "starting", waitingFor: "port 10250" }, "k0s"],
  ["health-prober", { state: "failed", lastError: "gone" }, "k0s"],
] as const)("the log is named under which there is more of %s", (name, changes, logName) => {
  const Components = [component(name, changes), component("containerd", { pid: 2 })];
  const [finding] = findingsOf(judgeProcesses(facts(), examined({ k0s: answering({ Components }) })));
  expect(finding?.remedy).toBe(`\`k0s logs ${logName}\` says more`);
});

test("a k0s that is gone: what its service says, its last words, what still runs", () => {
  const left = [{ name: "etcd", pid: 5 }];
  const verdict = judgeProcesses(
    facts({ left, endedInDisorder: true }),
    examined({ k0s: { state: "gone" }, service, log }),
  );
  const [finding] = findingsOf(verdict);
  expect(finding?.what).toStartWith('k0s does not run: its last words were "Port 6443, which');
  expect(finding?.evidence).toEqual([
    "systemd: the service k0scontroller does not run: failed (Result=exit-code)",
    "journal of k0scontroller.service: Port 6443, which kube-apiserver needs, is in use by nc (pid 9).",
    "/run/k0s/k0s.yaml is still there: it was killed, or this host went down",
    "etcd (pid 5) still runs; the next start ends it",
  ]);
  expect(finding?.remedy).toStartWith("start it: `k0s start`");
});

const ended = 'level=error msg="The node has ended with an error" err="Error: no disk"';
test.each([
  ["it ended in order", ['level=info msg="Stopped"'], undefined],
  ["it was killed after an error of before", ['level=error msg="Lost a race" err="gone"'], undefined],
  ["it has been started again since", [ended, 'level=info msg="Starting"'], undefined],
  ["its own file says it", [ended], "no disk"],
  ["the journal says it", ['time="2026-11-26 19:02:16" Error: no disk'], "no disk"],
])("whether the last words are the reason: %s", (_, lines, word) => {
  const verdict = judgeProcesses(
    facts(),
    examined({ k0s: { state: "gone" }, service, log: { ...log, lines } }),
  );
  expect(whatOf(verdict)).toEqual([
    word === undefined ? "k0s does not run" : `k0s does not run: its last words were ${JSON.stringify(word)}`,
  ]);
});

test("a host on which no k0s has been", () => {
  const node = examined({ k0s: { state: "gone" }, role: undefined });
  expect(whatOf(judgeProcesses(facts(), node))).toEqual(["no k0s has run on this host"]);
});

test("a configuration that cannot be read comes before the k0s that does not run because of it", () => {
  const configTrouble = {
    what: "the configuration has 2 mistakes:\nk0s.yaml:3:1  spec.a: wrong\nk0s.yaml:4:1  spec.b: wrong",
    remedy: "correct it",
  };
  const verdict = judgeProcesses(facts(), examined({ k0s: { state: "gone" }, configTrouble }));
  const { findings, consequences } = diagnose([{ link: "processes", verdict }]);
  expect(findings.map(({ about }) => about)).toEqual(["configuration"]);
  expect(findings[0]?.evidence).toHaveLength(2);
  expect(consequences.map(({ finding }) => finding.about)).toEqual(["k0s"]);
});

test("one that its service starts again and again is silent because of its configuration", () => {
  const k0s = { state: "silent", pid: 7, processState: "S", why: "no answer" } as const;
  const configTrouble = { what: "the configuration is that of another cluster", remedy: "Put it back." };
  const verdict = judgeProcesses(facts(), examined({ k0s, configTrouble }));
  const { findings, consequences } = diagnose([{ link: "processes", verdict }]);
  expect(findings.map(({ about, remedy }) => [about, remedy])).toEqual([["configuration", "Put it back."]]);
  expect(consequences.map(({ finding }) => finding.about)).toEqual(["k0s"]);
});

const refusal = {
  displayName: "Containerd config snippet: /etc/k0s/containerd.d/a.toml",
  prop: "line 1",
  message: "only version 3 is supported",
  error: null,
  why: "containerd 2 refuses to join files of different versions.",
  remedy: "Write it for version 3.",
};
test.each([
  [false, "Write it for version 3; then `k0s start`"],
  [
    true,
    "Write it for version 3; systemd starts k0scontroller again by itself; `k0s restart` does so at once",
  ],
])("a refused start names the file and what to do; the service runs: %s", (runs, remedy) => {
  const node = examined({ k0s: { state: "gone" }, service: { ...service, runs }, log, refusals: [refusal] });
  const { findings, consequences } = diagnose([
    { link: "processes", verdict: judgeProcesses(facts(), node) },
  ]);
  expect(findings.map(({ what }) => what)).toEqual([
    "k0s refuses to start on this host: Containerd config snippet: /etc/k0s/containerd.d/a.toml: line 1, only version 3 is supported",
  ]);
  expect(findings[0]?.remedy).toBe(remedy);
  expect(consequences.map(({ finding }) => finding.about)).toEqual(["k0s"]);
});

test("what its manager starts again and again is not to be started", () => {
  const node = examined({ k0s: { state: "gone" }, service: { ...service, runs: true }, log });
  expect(findingsOf(judgeProcesses(facts(), node))[0]?.remedy).toStartWith(
    "systemd starts k0scontroller again by itself; `k0s restart` does so at once",
  );
});

test.each([
  ["T", "k0s (pid 7) is stopped by a signal", "let it go on: kill -CONT 7"],
  ["S", "k0s (pid 7) does not answer", "if it is starting, wait; "],
])("one that does not answer, in state %s", (processState, what, remedy) => {
  const k0s = { state: "silent", pid: 7, processState, why: "k0s does not answer within 2s" } as const;
  const [finding] = findingsOf(judgeProcesses(facts(), examined({ k0s })));
  expect(finding?.what).toBe(what);
  expect(finding?.remedy).toStartWith(remedy);
});

test("no secret that a program printed is shown", () => {
  const lastOutput = ["Error: cannot reach postgres://kine:hunter2@db:5432/k: refused"];
  const Components = [
    component("kine", { state: "backing-off", lastExit: "exited with code 1", lastOutput }),
  ];
  const verdict = judgeProcesses(facts(), examined({ k0s: answering({ Components }) }));
  expect(JSON.stringify(verdict)).not.toContain("hunter2");
});

test("drop-in files that the next start refuses are told while all is well, and explain what they have ended", () => {
  const path = "/etc/k0s/containerd.d";
  const dropIns = [{ kind: "drop-in", path, text: "a.toml is wrong", remedy: "mend it" } as const];
  const causes = (k0s: ExaminedNode["k0s"]): readonly string[] => {
    const verdict = judgeProcesses(facts({ dropIns }), examined({ k0s }));
    return diagnose([{ link: "processes", verdict }]).findings.map(({ what }) => what);
  };
  expect(causes(answering())).toEqual(["a.toml is wrong"]);
  const Components = [component("containerd", { state: "backing-off", lastExit: "exited with code 1" })];
  expect(causes(answering({ Components }))).toEqual(["a.toml is wrong"]);
  expect(causes({ state: "gone" })).toEqual(["a.toml is wrong"]);
});
