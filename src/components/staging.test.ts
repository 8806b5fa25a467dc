import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Payload } from "../payload/payload.ts";
import { stageBinaries, startStagingBinaries } from "../payload/stage-binaries.ts";
import { silentProgress } from "../std/progress.ts";
import { pollUntil } from "../std/wait.ts";
import type { Component } from "../supervisor/component.ts";
import { type Logged, recordingLog } from "../supervisor/testdata/recording-log.ts";
import { stagedPrograms, type StagedProgramsOptions } from "./staging.ts";

let dir = "";
const at = (name: string): string => join(dir, name);

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-staging-")));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** In place of the launcher: each part is there once there is a file of its name; it notes what it was asked for. */
const launcher = `#!/bin/sh
cat > asked
echo "$K0S_LAUNCHER_NICE" > nice
for part in etcd kubernetes; do
  while [ ! -e "allow-$part" ]; do sleep 0.01; done
  echo "{\\"event\\":\\"part\\",\\"part\\":\\"$part\\"}"
done
while [ ! -e durable ]; do sleep 0.01; done
exit "$(cat durable)"
`;

function payloadWith(...names: readonly string[]): Payload {
  const script = `#!/bin/sh\ncd '${dir}'\n${launcher}`;
  writeFileSync(at("launcher"), script);
  chmodSync(at("launcher"), 0o755);
  const parts = names.map((name) => ({ name, kind: "component", sha256: name, files: [], links: [] }));
  return {
    path: at("launcher"),
    indexSha256: "",
    index: { parts },
    underWay: new Map(),
  } as unknown as Payload;
}

const groups = [
  { name: "first", programs: ["etcd"] },
  { name: "rest", programs: ["kubernetes"] },
];

const factsWith = (lines: Logged[]) => ({
  payload: payloadWith("kubernetes", "etcd"),
  paths: { binDir: dir } as never,
  progress: silentProgress,
  log: recordingLog(lines),
});

function staged(options: StagedProgramsOptions, lines: Logged[] = []): readonly [Component, Component] {
  const [first, rest] = stagedPrograms(factsWith(lines), groups, options).components;
  if (first === undefined || rest === undefined) throw new Error("a group has no component");
  return [first, rest];
}

test("a group is ready with its own programs, in the order of the groups, before anything is durable", async () => {
  const [first, rest] = staged({});
  const { signal } = new AbortController();
  const ready: string[] = [];
  const starting = [rest, first].map(async (one) => {
    await one.start(signal);
    ready.push(one.name);
  });
  await pollUntil(() => existsSync(at("nice")), { what: "the launcher", intervalMs: 5, timeoutMs: 10_000 });
  expect((await Bun.file(at("asked")).json()).map(({ part }: { part: string }) => part)).toEqual([
    "etcd",
    "kubernetes",
  ]);
  expect((await Bun.file(at("nice")).text()).trim()).toBe("");
  writeFileSync(at("allow-etcd"), "");
  await starting[1];
  expect(ready).toEqual(["first"]);
  writeFileSync(at("allow-kubernetes"), "");
  await starting[0];
  expect(ready).toEqual(["first", "rest"]);
  writeFileSync(at("durable"), "0");
  await Promise.all([rest.stop(), first.stop()]);
});

test("what fails after the last program was there is told, and the start goes on", async () => {
  const lines: Logged[] = [];
  const [first, rest] = staged({ later: true }, lines);
  const { signal } = new AbortController();
  for (const part of ["etcd", "kubernetes"]) writeFileSync(at(`allow-${part}`), "");
  await Promise.all([first.start(signal), rest.start(signal)]);
  expect((await Bun.file(at("nice")).text()).trim()).toBe("5");
  writeFileSync(at("durable"), "1");
  await pollUntil(() => lines.length > 0, { what: "a line", intervalMs: 5, timeoutMs: 10_000 });
  await rest.stop();
  expect(lines.map(({ message }) => message)).toEqual([
    "Unpacking did not end well, the next start does it again",
  ]);
});

test("what was begun before serves the components, and its end needs none of them", async () => {
  const programs = stagedPrograms(factsWith([]), groups);
  programs.begin(new AbortController().signal);
  await pollUntil(() => existsSync(at("nice")), { what: "the launcher", intervalMs: 5, timeoutMs: 10_000 });
  rmSync(at("nice"));
  const starting = Promise.allSettled(
    programs.components.map((one) => one.start(AbortSignal.timeout(10_000))),
  );
  await programs.end();
  expect((await starting).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  // Nothing was begun twice.
  expect(existsSync(at("nice"))).toBe(false);
});

test("a start that fails elsewhere does not wait for what was begun before", async () => {
  const programs = stagedPrograms(factsWith([]), groups);
  programs.begin(new AbortController().signal);
  const failed = new AbortController();
  const starting = Promise.allSettled(programs.components.map((one) => one.start(failed.signal)));
  failed.abort(new Error("another component failed"));
  expect((await starting).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await programs.end();
});

test("an abort ends the unpacking, and those who wait for a program", async () => {
  const lines: Logged[] = [];
  const [first, rest] = staged({}, lines);
  const abort = new AbortController();
  const starting = Promise.allSettled([first.start(abort.signal), rest.start(abort.signal)]);
  await pollUntil(() => existsSync(at("nice")), { what: "the launcher", intervalMs: 5, timeoutMs: 10_000 });
  abort.abort(new Error("stopped"));
  expect((await starting).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await rest.stop();
  expect(lines).toEqual([]);
});

test("who asks for a program that is being unpacked waits until it can run; nothing is unpacked twice", async () => {
  const payload = payloadWith("kubernetes", "etcd");
  const { signal } = new AbortController();
  const options = { binDir: dir, signal };
  const first = startStagingBinaries(payload, { ...options, names: ["etcd", "kubernetes"] });
  await pollUntil(() => existsSync(at("nice")), { what: "the launcher", intervalMs: 5, timeoutMs: 10_000 });
  rmSync(at("nice"));
  const second = stageBinaries(payload, { ...options, names: ["kubernetes"] });
  expect(await Promise.race([second, Bun.sleep(50).then(() => "waits")])).toBe("waits");
  for (const part of ["etcd", "kubernetes"]) writeFileSync(at(`allow-${part}`), "");
  await second;
  expect(existsSync(at("nice"))).toBe(false);
  writeFileSync(at("durable"), "0");
  await first.done;
  expect(payload.underWay.size).toBe(0);
});
