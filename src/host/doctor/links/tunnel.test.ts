import { expect, test } from "bun:test";
import type { WorkerSettings } from "../../../components/worker-config/schema.ts";
import { diagnose } from "../diagnosis.ts";
import { examined, findingsOf, whatOf } from "../testdata/examined.ts";
import { judgeTunnel } from "./tunnel.ts";

const settings = { konnectivity: { enabled: true, agentPort: 8132 } } as WorkerSettings;
const worker = examined({ role: "worker", settings });
const controller = examined({ konnectivity: true });
const none = { tunnels: [], away: [], agents: [] };
const tunnel = (node: string, missing: readonly string[]) => ({
  node,
  address: "10.0.0.9",
  nodeReady: true,
  controllers: [],
  missing,
  cause: "its agent does not reach this controller",
});

test("a cluster without tunnels has no such link", () => {
  expect(judgeTunnel(none, examined()).state).toBe("absent");
  expect(judgeTunnel(none, controller).state).toBe("well");
  expect(judgeTunnel(none, worker).state).toBe("well");
});

test("a controller names the node, the cause and the port; other nodes are its evidence", () => {
  const verdict = judgeTunnel({ ...none, tunnels: [tunnel("w1", ["c1"]), tunnel("w2", ["c1"])] }, controller);
  const [finding] = findingsOf(verdict);
  expect(whatOf(verdict)).toEqual(["node w1 has no tunnel to c1: its agent does not reach this controller"]);
  expect(finding?.evidence).toEqual([
    "node w2 has no tunnel to c1: its agent does not reach this controller",
  ]);
  expect(finding?.remedy).toStartWith("allow TCP 8132 ");
});

test("a node that was stopped is started, or deleted: no port has to be opened for it", () => {
  const stopped = { ...tunnel("w1", ["c1"]), silentMs: 27_000 };
  const [finding] = findingsOf(judgeTunnel({ ...none, tunnels: [stopped] }, controller));
  expect(finding?.remedy).toStartWith("start k0s on that node");
  expect(finding?.remedy).toEndWith("`k0s kubectl delete node w1`");
});

test("from the node's end, a server that it does not reach explains its agent", () => {
  const agents = [
    { text: "system pod konnectivity-agent-x has not become ready", about: "konnectivity-agent" },
  ];
  const away = ["TCP 10.0.0.1:8132 from this node: no answer within 3s"];
  const verdict = judgeTunnel({ ...none, away, agents }, worker);
  const { findings, consequences } = diagnose([{ link: "tunnel", verdict }]);
  expect(findings.map(({ evidence }) => evidence)).toEqual([away]);
  expect(consequences.map(({ finding: { about } }) => about)).toEqual(["agent"]);
});
