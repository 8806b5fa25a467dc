import { expect, test } from "bun:test";
import { type ApiAnswer, failingChecks } from "../api-answer.ts";
import type { WorkerSettings } from "../../../components/worker-config/schema.ts";
import { doesExplain } from "../diagnosis.ts";
import { answering, component, examined, findingsOf, whatOf } from "../testdata/examined.ts";
import { balancedServers, judgeApi } from "./api.ts";

const server = "https://10.0.0.1:6443";
const silent: ApiAnswer = {
  kind: "silent",
  server,
  why: `cannot reach the API server ${server}: connection refused`,
  remedy: "Does the controller run?",
};
const answers = (failing: readonly string[] = []): ApiAnswer => ({
  kind: "answers",
  client: undefined as never,
  server,
  failing,
  clockAheadMs: 0,
});
const known = { away: [], known: 0 };

test("a worker that goes through the operator's load balancer is not asked for the servers behind it", () => {
  const settings = {
    apiServerAddresses: ["10.0.0.1:6443", "10.0.0.2:6443"],
    konnectivity: { enabled: true, agentPort: 8132 },
  };
  const servers = (balancing: object) =>
    balancedServers(
      examined({ role: "worker", settings: { ...settings, ...balancing } as unknown as WorkerSettings }),
    );
  expect(servers({})).toEqual([]);
  expect(servers({ nodeLocalLoadBalancing: { enabled: false, type: "EnvoyProxy" } })).toEqual([]);
  expect(servers({ nodeLocalLoadBalancing: { enabled: true, type: "EnvoyProxy" } })).toEqual(
    settings.apiServerAddresses,
  );
});

test("one that answers and is ready is well", () => {
  expect(judgeApi({ answer: answers(), ...known }, examined())).toEqual({ state: "well" });
});

test("one that is silent: a worker hears what to do there, a controller looks at its own", () => {
  const onWorker = findingsOf(judgeApi({ answer: silent, ...known }, examined({ role: "worker" })))[0];
  expect(onWorker?.what).toBe(`cannot reach the API server ${server}: connection refused`);
  expect(onWorker?.remedy).toBe("Does the controller run?");
  expect(findingsOf(judgeApi({ answer: silent, ...known }, examined()))[0]?.remedy).toStartWith(
    "`k0s logs kube-apiserver`",
  );
});

test("what notices that it does not answer follows from it; what it needs does not", () => {
  const before = ["etcd", "external-etcd", "containerd", "join"];
  const after = ["controller-lease", "worker-settings", "kubelet"];
  const Components = [...before, ...after].map((name) => component(name));
  const [finding] = findingsOf(
    judgeApi({ answer: silent, ...known }, examined({ k0s: answering({ Components }) })),
  );
  const down = (about: string) =>
    ({ link: "processes", about, what: "", evidence: [], remedy: "", explains: [] }) as const;
  for (const name of after) expect([name, doesExplain(finding!, down(name))]).toEqual([name, true]);
  for (const name of before) expect([name, doesExplain(finding!, down(name))]).toEqual([name, false]);
});

test("one that is not ready names its checks", () => {
  const body = "GET /readyz: [+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok";
  expect(failingChecks(body)).toEqual(["[-]etcd failed: reason withheld"]);
  expect(failingChecks("GET /readyz: apiserver is shutting down")).toEqual([
    "GET /readyz: apiserver is shutting down",
  ]);
  const [finding] = findingsOf(judgeApi({ answer: answers(failingChecks(body)), ...known }, examined()));
  expect(finding?.what).toBe("the API server answers that it is not ready");
  expect(finding?.evidence).toEqual([`GET ${server}/readyz: [-]etcd failed: reason withheld`]);
});

test("a worker that has not joined tells why, in the words of its status", () => {
  const said = "the join token expired 3 h ago";
  const node = examined({ role: "worker", k0s: answering({ Problems: [said] }) });
  expect(whatOf(judgeApi({ answer: { kind: "no credentials", file: "/k" }, ...known }, node))).toEqual([
    said,
  ]);
});

test("some servers that cannot be reached explain nothing: the node works through the others", () => {
  const [finding] = findingsOf(
    judgeApi(
      { answer: answers(), away: ["10.0.0.2:6443: no answer"], known: 3 },
      examined({ role: "worker" }),
    ),
  );
  expect(finding?.what).toBe("1 of 3 API servers cannot be reached from this node");
  expect(finding?.explains).toEqual([]);
});
