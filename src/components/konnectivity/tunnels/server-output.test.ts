import { expect, test } from "bun:test";
import { tunnelEvent, tunnelTracker } from "./server-output.ts";

const line = (level: string, place: string, rest: string): string =>
  `${level}1123 12:45:50.693543     104 ${place}] ${rest}`;
const up = (agent: string): string =>
  line("I", "backend_manager.go:277", `"Register backend for agent" agentID="${agent}"`);
const down = (agent: string): string =>
  line("I", "backend_manager.go:304", `"Remove connection for agent" agentID="${agent}"`);
const noAgent = line("E", "server.go:663", `"Failed to get a backend" err="No agent available" dialID=1`);

test("lines of the server as events", () => {
  expect(tunnelEvent(up("10.0.0.1"))).toEqual({ kind: "up", agent: "10.0.0.1" });
  expect(tunnelEvent(down("fd00::1"))).toEqual({ kind: "down", agent: "fd00::1" });
  expect(tunnelEvent(noAgent)).toEqual({ kind: "no-agent" });
  const refused = String.raw`"Client authentication failed" err="token \"x\" expired" agentID="10.0.0.1"`;
  expect(tunnelEvent(line("E", "server.go:886", refused))).toEqual({
    kind: "refused",
    agent: "10.0.0.1",
    why: String.raw`token \"x\" expired`,
  });
  const lease = line("E", "gc_controller.go:61", "Could not list leases to garbage collect: Get x");
  expect(tunnelEvent(lease)).toEqual({ kind: "no-lease" });
  for (const other of ["", "panic: Register backend for agent", line("I", "a.go:1", '"Agent connected"')])
    expect(tunnelEvent(other)).toBeUndefined();
});

test("a tunnel is up from its first connection to the end of its last", () => {
  const heard: string[] = [];
  const tracker = tunnelTracker({
    onChange: () => heard.push("change"),
    onNotReached: () => heard.push("none"),
  });
  const state = (): string[] => [...tracker.current().up];
  expect([up("a"), up("a"), up("b"), down("a")].map(tracker.read)).toEqual([true, true, true, true]);
  expect(state()).toEqual(["a", "b"]);
  expect(heard).toEqual(["change", "change"]);
  tracker.read(down("a"));
  expect(state()).toEqual(["b"]);
  expect(tracker.read(noAgent)).toBe(true);
  const dial = (to: string): string =>
    line(
      "E",
      "server.go:1008",
      `"DIAL_RSP contains failure" err="dial tcp ${to}:10250: i/o timeout" agentID="b"`,
    );
  expect(tracker.read(dial("b"))).toBe(false);
  expect(heard).toHaveLength(4);
  expect(tunnelEvent(dial("[fd00::c]"))).toEqual({ kind: "not-reached", address: "fd00::c" });
  expect(tracker.read(dial("[fd00::c]"))).toBe(false);
  tracker.reset();
  tracker.reset();
  expect(state()).toEqual([]);
  expect(heard.slice(2)).toEqual(["change", "none", "none", "change"]);
  expect(tracker.read("something else")).toBe(false);
});

test("a refusal is remembered until the agent is let in", () => {
  const tracker = tunnelTracker({ onChange: () => undefined, onNotReached: () => undefined });
  expect(
    tracker.read(line("E", "server.go:886", '"Client authentication failed" err="no" agentID="a"')),
  ).toBe(false);
  expect(tracker.current().refused).toEqual(new Map([["a", "no"]]));
  tracker.read(up("a"));
  expect(tracker.current().refused.size).toBe(0);
});
