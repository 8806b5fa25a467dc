import { expect, test } from "bun:test";
import { type TunnelFacts, tunnelProblems, tunnelReport } from "./report.ts";
import type { AgentPod, TunnelNode } from "./tables.ts";

const node = (name: string, address: string, ready = true): TunnelNode => ({ name, address, ready });

const pod = (nodeName: string, status = "Running"): AgentPod => ({ node: nodeName, status });

const facts = (changes: Partial<TunnelFacts>): TunnelFacts => ({
  here: "c1",
  tunnels: { up: new Set(["1"]), refused: new Map() },
  others: new Map(),
  nodes: [node("w1", "1"), node("w2", "2")],
  pods: [pod("w1"), pod("w2")],
  silentMs: new Map(),
  server: { host: "10.0.0.1", port: 8132 },
  ...changes,
});

test("to which controllers each node has a tunnel, trouble first", () => {
  const others = new Map([
    ["c2", new Set(["1", "2", "3"])],
    ["c3", new Set(["1", "3"])],
  ]);
  const nodes = [node("w1", "1"), node("w2", "2"), node("w3", "3")];
  const report = tunnelReport(
    facts({ nodes, others, tunnels: { up: new Set(["1", "3"]), refused: new Map() } }),
  );
  expect(report.map(({ node: name, controllers, missing }) => [name, controllers, missing])).toEqual([
    ["w2", ["c2"], ["c1", "c3"]],
    ["w1", ["c1", "c2", "c3"], []],
    ["w3", ["c1", "c2", "c3"], []],
  ]);
  expect(tunnelProblems(report)).toEqual([
    "node w2 has no tunnel to c1, c3 (1 of 3 controllers reached): its agent does not reach this controller, only c2; " +
      "it goes to 10.0.0.1, TCP port 8132: is that open from the node?",
  ]);
});

test("the likely cause, the most telling fact first", () => {
  const cause = (changes: Partial<TunnelFacts>): string | undefined =>
    tunnelReport(facts({ nodes: [node("w2", "2")], ...changes }))[0]?.cause;
  expect(cause({})).toContain("TCP port 8132: is that open from the node?");
  expect(cause({ nodes: [node("w2", "2", false)] })).toBe("the node is not Ready");
  expect(cause({ silentMs: new Map([["w2", 27_400]]) })).toBe(
    "the node has not reported for 27s: was it stopped or reset? Its agent goes to 10.0.0.1, TCP port 8132",
  );
  expect(cause({ silentMs: new Map([["w2", 12_000]]) })).toContain("is that open from the node?");
  expect(cause({ pods: [pod("w1")] })).toBe("no konnectivity-agent pod is there");
  expect(cause({ pods: [pod("w2", "ImagePullBackOff")] })).toBe(
    "its konnectivity-agent waits: ImagePullBackOff",
  );
  expect(cause({ tunnels: { up: new Set(), refused: new Map([["2", "bad token"]]) } })).toBe(
    "this controller does not accept its agent's token: bad token",
  );
  expect(cause({ pods: [pod("w2", "Terminating")] })).toBe("no konnectivity-agent pod is there");
  expect(cause({ tunnels: { up: new Set(["2"]), refused: new Map() } })).toBeUndefined();
});

test("a node that is not Ready is expected to have none", () => {
  expect(tunnelProblems(tunnelReport(facts({ nodes: [node("w2", "2", false)] })))).toEqual([]);
});
