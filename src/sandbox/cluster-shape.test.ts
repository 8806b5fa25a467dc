import { expect, test } from "bun:test";
import { defaultConfig, planCluster } from "./cluster-shape.ts";

const machines = (controllers: number, workers: number) => {
  const { first, others } = planCluster("demo", { controllers, workers });
  return [first, ...others].map(({ machine }) => machine);
};

test("one controller alone is a single node with the sandbox's name", () => {
  expect(planCluster("demo", { controllers: 1, workers: 0 })).toEqual({
    first: { machine: "demo", role: "controller", args: ["--single"] },
    others: [],
    single: true,
  });
});

test("with workers the controllers run no pods, without they do", () => {
  expect(machines(3, 2)).toEqual(["controller0", "controller1", "controller2", "worker0", "worker1"]);
  expect(planCluster("demo", { controllers: 1, workers: 1 }).first.args).toEqual([]);
  expect(planCluster("demo", { controllers: 2, workers: 0 }).first.args).toContain("--enable-worker");
});

test("no controller is no cluster; several are balanced", () => {
  expect(() => planCluster("demo", { controllers: 0, workers: 2 })).toThrow("needs a controller");
  expect(defaultConfig({ controllers: 1, workers: 2 })).toBeUndefined();
  expect(defaultConfig({ controllers: 2, workers: 0 })).toContain("nodeLocalLoadBalancing");
});
