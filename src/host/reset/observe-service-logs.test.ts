import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InitSystem } from "../service/definition.ts";
import { serviceLogMark } from "../service/log-files.ts";
import { sysV } from "../service/sysv.ts";
import { observeServiceLogs } from "./observe-service-logs.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "service-logs-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const own = `time="2026-11-27 17:00:00" level=info msg="${serviceLogMark}"\nmore\n`;
const files = () => ["k0sworker.log", "k0sworker.err"].map((name) => join(dir, name));
const { text } = sysV.definition({
  name: "k0sworker",
  program: "/usr/local/bin/k0s",
  args: ["worker"],
  environment: [],
  dataDir: "/var/lib/k0s",
});
const serviceWith = (definition = text) => {
  const init: InitSystem = { ...sysV, logs: files };
  return { init, name: "k0sworker" as const, text: definition };
};
const seen = (service: ReturnType<typeof serviceWith> | undefined) =>
  observeServiceLogs(service, "/usr/local/bin/k0s", files());

test("what begins with k0s' own line, and what is empty, goes with its service", async () => {
  const [log = "", err = ""] = files();
  expect(await seen(serviceWith())).toEqual({ ours: [], stays: [] });
  writeFileSync(log, own);
  writeFileSync(err, "");
  expect(await seen(serviceWith())).toEqual({ ours: [log, err], stays: [] });
  const edited = serviceWith(text.replace("sleep 1", "sleep 2"));
  expect(await seen(edited)).toEqual({ ours: [log], stays: [] });
});

test("what was there before k0s, and a link, stays and is named", async () => {
  const [log = "", err = ""] = files();
  writeFileSync(log, `level=info msg="of upstream's k0s"\n${own}`);
  writeFileSync(join(dir, "elsewhere"), own);
  symlinkSync(join(dir, "elsewhere"), err);
  const { ours, stays } = await seen(serviceWith());
  expect(ours).toEqual([]);
  expect(stays.map((line) => line.split(" ")[0])).toEqual([log, err]);
});

test("without its service a log of k0s stays and is named, and another's is nobody's business", async () => {
  const [log = "", err = ""] = files();
  writeFileSync(log, own);
  writeFileSync(err, "upstream's\n");
  const { ours, stays } = await seen(undefined);
  expect(ours).toEqual([]);
  expect(stays.map((line) => line.split(" ")[0])).toEqual([log]);
});
