import { describe, expect, test } from "bun:test";
import type { ComponentStatus } from "../../supervisor/component.ts";
import { componentProblems, remedyFor, tellingWord } from "./components.ts";
import { problemText } from "./problem.ts";

const now = new Date("2026-11-26T10:00:00Z");
const component = (name: string, changes: Partial<ComponentStatus> = {}): ComponentStatus => ({
  name,
  state: "ready",
  since: now,
  restarts: 0,
  ...changes,
});
const sentences = (...all: readonly ComponentStatus[]): string[] =>
  componentProblems(all, now).map(problemText);

test("those that are ready are no problem", () => {
  expect(sentences(component("etcd"), component("routes", { state: "running" }))).toEqual([]);
});

test("one that ends again and again is named with its end, its next try and its own words", () => {
  const scheduler = component("kube-scheduler", {
    state: "backing-off",
    restarts: 7,
    lastExit: "exited with code 1",
    retryAt: new Date(now.getTime() + 11_500),
    lastOutput: ["Error: unknown flag: --no-such-flag", "Usage:", "  kube-scheduler [flags]"],
  });
  expect(sentences(scheduler)).toEqual([
    "kube-scheduler is backing off: exited with code 1 (7 restarts, next try in 12s): unknown flag: --no-such-flag; look at spec.scheduler.extraArgs",
  ]);
});

test("the last words of one that somebody else ended are not the reason", () => {
  const killed = component("etcd", {
    state: "backing-off",
    restarts: 1,
    lastExit: "was ended by SIGKILL",
    lastOutput: ["caches are synced"],
  });
  expect(sentences(killed)).toEqual([
    "etcd is backing off: was ended by SIGKILL (1 restart, started again just now); somebody else ends it: dmesg shows whether it is the kernel, for lack of memory",
  ]);
});

test("one that runs again and does not get ready is named with what keeps it, not with how the one before ended", () => {
  const kine = component("kine", {
    state: "backing-off",
    notRecovered: true,
    lastExit: "was ended by SIGKILL",
    lastOutput: ["ERRO[2026-11-26T12:54:37.5Z] Failed to ping: file is not a database "],
    waitingFor: "kine's socket",
  });
  expect(sentences(kine, { ...kine, lastOutput: ["started"] })).toEqual([
    "kine runs again but has not become ready since it was ended by SIGKILL: Failed to ping: file is not a database; put the database back from a backup",
    "kine runs again but has not become ready since it was ended by SIGKILL: waits for kine's socket",
  ]);
});

test("a program that is gone, and a socket", () => {
  const gone = component("kube-scheduler", {
    state: "backing-off",
    lastExit: "could not be started: Cannot start kube-scheduler: /x is no executable file.",
  });
  const lastError =
    "14 UNAVAILABLE: No connection established. Last error: Error: connect ENOENT /run/c.sock. Resolution note: ";
  expect(sentences(gone, component("containerd", { state: "unhealthy", lastError }))).toEqual([
    "kube-scheduler is backing off: could not be started: Cannot start kube-scheduler: /x is no executable file. (0 restarts, started again just now); a restart of k0s puts its programs in place again",
    "containerd is not well: connect ENOENT /run/c.sock",
  ]);
});

test("one that is ready now and ends again and again is named with how often and how", () => {
  const often = (lastExit: string): ComponentStatus =>
    component("kube-scheduler", {
      state: "unhealthy",
      restarts: 7,
      lastExit,
      restartsOften: "7 times in the last 2 minutes",
      lastError: `restarts often: 7 times in the last 2 minutes (${lastExit})`,
      lastOutput: ["Error: unknown flag: --no-such-flag"],
    });
  expect(sentences(often("exited with code 1"), often("was ended by SIGKILL"))).toEqual([
    "kube-scheduler is not well: restarts often: 7 times in the last 2 minutes (exited with code 1): unknown flag: --no-such-flag; look at spec.scheduler.extraArgs",
    "kube-scheduler is not well: restarts often: 7 times in the last 2 minutes (was ended by SIGKILL); somebody else ends it: dmesg shows whether it is the kernel, for lack of memory",
  ]);
});

test("the cause comes before what waits for it, whatever the order of the list", () => {
  const waiting = component("kubelet", { state: "initialized", waitingFor: "containerd" });
  const failing = component("containerd", { state: "unhealthy", lastError: "no answer within 5 s" });
  expect(sentences(waiting, failing)).toEqual([
    "containerd is not well: no answer within 5 s",
    "kubelet waits for containerd",
  ]);
});

describe("the telling word of a program's last lines", () => {
  const cases: readonly (readonly [readonly string[], string | undefined])[] = [
    [[], undefined],
    [["", "  "], undefined],
    [["started", "panic: nil"], "panic: nil"],
    [['E1126 10:00:00.1 7 run.go:72] "command failed" err="bad \\"flag\\""', ""], 'bad "flag"'],
    [
      ['{"level":"fatal","msg":"listen failed","error":"listen tcp: bind: address already in use"}'],
      "listen tcp: bind: address already in use",
    ],
    [['time="x" level=fatal error="no space left on device"', "goroutine 1"], "no space left on device"],
    [['time="x" level=fatal msg="flag provided but not defined: -x"'], "flag provided but not defined: -x"],
    [["Error: first", "Usage: a"], "first"],
    [
      [
        "E1126 10:00:00.1 7 kubelet.go:9] no such device",
        "I1126 10:00:00.2    7 manager.go:229] Machine: {}",
      ],
      "no such device",
    ],
    [
      ["F1126 10:00:00.1 7 main.go:9] cannot listen", "goroutine 1 [running]:", "main.main()"],
      "cannot listen",
    ],
    [["panic: nil map", "goroutine 1 [running]:", "main.main()"], "panic: nil map"],
    [["I1126 10:00:00.2    7 server.go:12] Shutting down"], "Shutting down"],
    [['E1126 10:00:00.2 7 main.go:1] "ended" err="error: no port"'], "no port"],
  ];
  test.each(cases)("%p", (lines, word) => expect(tellingWord(lines)).toBe(word as string));
});

test("a remedy where the words tell one, none where nobody can know", () => {
  expect(remedyFor("etcd", "flag provided but not defined: -x")).toBe("look at spec.storage.etcd.extraArgs");
  expect(remedyFor("kubelet", "listen tcp :10250: bind: address already in use")).toContain("ss -ltnp");
  expect(remedyFor("etcd", "write: no space left on device")).toContain("free some space");
  expect(remedyFor("kubelet", 'err="failed to load kubelet config file"')).toContain("workerProfiles");
  expect(remedyFor("etcd", "something else")).toBeUndefined();
});
