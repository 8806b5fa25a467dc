import { expect, test } from "bun:test";
import { stoppingText } from "./run.ts";

test("a stop that takes long names what it waits for", () => {
  expect(
    stoppingText([
      { name: "status", state: "ready" },
      { name: "kubelet", state: "stopping", pid: 12 },
      { name: "certificates", state: "stopping" },
      { name: "etcd", state: "stopped" },
    ]),
  ).toBe(": kubelet (pid 12), certificates");
  expect(stoppingText([{ name: "etcd", state: "ready", pid: 3 }])).toBe("");
});
