import { expect, test } from "bun:test";
import { agentPictures, joinPictures, scalePictures } from "./pictures.ts";
import type { Step } from "./step.ts";

const step = (controllers: 1 | 3, nodes: number, pods: number, memory: readonly number[]): Step => ({
  controllers,
  nodes,
  pods,
  load: 1,
  programs: memory.map((pss) => ({ "pss k0s": pss })),
  requests: [{ all: nodes / 100 }],
  latency: { "GET p50": 2 },
  ...(nodes === 0 ? {} : { wave: { pods: 1_000, seconds: 30 } }),
});

const found = scalePictures([
  step(1, 0, 0, [50]),
  step(1, 100, 0, [60]),
  step(3, 0, 0, [50, 70, 55]),
  step(3, 100, 0, [60, 61, 80]),
  step(1, 100, 1_000, [65]),
]);

test("by nodes without pods, by pods on the most nodes; of several controllers the one that has the most", () => {
  expect(found.get("memory-by-nodes")?.curves).toEqual([
    {
      name: "k0s, one controller",
      points: [
        [0, 50],
        [100, 60],
      ],
      dashed: false,
    },
    {
      name: "k0s, three controllers",
      points: [
        [0, 70],
        [100, 80],
      ],
      dashed: true,
    },
  ]);
  expect(found.get("memory-by-pods")?.title).toBe("Memory (PSS) on 100 nodes");
  expect(found.get("memory-by-pods")?.curves.map(({ points }) => points)).toEqual([
    [
      [0, 60],
      [1_000, 65],
    ],
    [[0, 80]],
  ]);
});

test("what nothing was measured of has no picture", () => {
  expect(found.has("anonymous-by-nodes")).toBe(false);
  expect(found.get("latency-by-nodes")?.curves.map(({ name }) => name)).toEqual([
    "GET, one controller",
    "GET, three controllers",
  ]);
});

test("a wave that was too slow leaves its point out", () => {
  const late = { ...step(1, 300, 0, [70]), wave: { pods: 1_000, limitSeconds: 120, stand: {} } };
  const drawn = scalePictures([step(1, 100, 0, [60]), step(1, 200, 0, [60]), late]);
  expect(drawn.get("wave-by-nodes")?.curves.map(({ points }) => points)).toEqual([
    [
      [100, 30],
      [200, 30],
    ],
  ]);
  expect(drawn.get("memory-by-nodes")?.curves[0]?.points.at(-1)).toEqual([300, 70]);
});

test("joins and agents have curves of their own, without what was not measured", () => {
  const joins = joinPictures([
    { joins: 50, "members p50": 12, "members all": 30 },
    { joins: 100, "members p50": null as never },
  ]);
  expect(joins.get("joins-p50")?.curves).toEqual([{ name: "members", points: [[50, 12]] }]);
  expect(joins.get("joins-all")?.along).toBe("joins");
  const agents = agentPictures([{ agents: 5, "pss k0s": 70, "requests of k0s a second": 1.5 }]);
  expect(agents.get("agents-memory")?.curves).toEqual([{ name: "k0s", points: [[5, 70]] }]);
  expect(agents.get("agents-requests")?.curves).toEqual([{ name: "all", points: [[5, 1.5]] }]);
});
