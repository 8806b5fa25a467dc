import { expect, test } from "bun:test";
import { scalePictures } from "./pictures.ts";
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
