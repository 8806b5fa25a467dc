import { expect, test } from "bun:test";
import { everyRole, outcome, remedy } from "./testdata/made-host.ts";

const named = (hostname: string) => outcome("hostname", { hostname });

test("what cannot be the name of a node, what every host is called, and capital letters", async () => {
  expect(await named("node-1.example.com")).toBe("pass node-1.example.com");
  expect(await named("my_host")).toBe("rejected my_host cannot be the name of a node");
  expect(await named("a".repeat(64))).toStartWith("rejected");
  expect(await named("localhost")).toBe("warning localhost every host is called so");
  expect(await named("localhost.localdomain")).toStartWith("warning");
  expect(await named("localhost-1")).toStartWith("pass");
  expect(await named("Node-1")).toBe("warning Node-1 has capital letters");
});

test("a name that is given at the start counts instead", async () => {
  const options = { ...everyRole, nodeName: "node-1" };
  expect(await outcome("hostname", { hostname: "my_host" }, options)).toBe("pass my_host, as a node node-1");
});

test("the name that is proposed is one", async () => {
  for (const [hostname, near] of [
    ["my_host", "my-host"],
    ["_Web_.01_", "web.01"],
    ["___", "node-1"],
    ["Node", "node"],
  ] as const) {
    expect(await remedy("hostname", { hostname })).toContain(`echo ${near} >/etc/hostname`);
    expect(await named(near)).toStartWith("pass");
  }
});

test("the host's own name is asked for by `k0s sysinfo` alone", async () => {
  const resolve = async (name: string) => {
    if (name === "localhost") return ["127.0.0.1"];
    throw new Error("not found");
  };
  expect(await outcome("nameResolution:hostname", { resolve })).toBe("warning node-1 does not resolve");
  expect(await outcome("nameResolution:hostname")).toBe("pass [10.0.0.1]");
  expect(await outcome("nameResolution:hostname", { resolve }, everyRole)).toBeUndefined();
});
