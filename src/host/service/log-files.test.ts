import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceLogFiles } from "./log-files.ts";
import { runit } from "./runit.ts";
import { sysV } from "./sysv.ts";

test("each file of a log that a definition names is known", () => {
  const known = serviceLogFiles("/usr/local/bin/k0s-1.37");
  const dir = join(import.meta.dir, "testdata");
  const named = readdirSync(dir).flatMap((name) => {
    const text = readFileSync(join(dir, name), "utf8");
    const service = text.includes("k0sworker") ? "k0sworker" : "k0scontroller";
    return [...text.matchAll(/\/var\/log\/[^\s'"]+\.(?:log|err)/g)].map(([path]) =>
      path.replace("$name", service).replace("${name}", "k0s-1.37"),
    );
  });
  expect(new Set(named).size).toBeGreaterThan(3);
  for (const path of named) expect(known).toContain(path);
  expect(known).toContain("/var/log/k0s-1.37.err");
});

test.each([runit("/etc/service"), sysV])(
  "$title: root alone can read a log that its definition makes, and one that is there keeps its mode",
  (init) => {
    const { text } = init.definition({
      name: "k0sworker",
      program: "/bin/true",
      args: [],
      environment: [],
      dataDir: "/var/lib/k0s",
    });
    const dir = mkdtempSync(join(tmpdir(), "service-log-"));
    try {
      const line = /^\s*\(umask .*$/m.exec(text)?.[0] ?? "";
      const log = join(dir, "k0sworker.log");
      const script = line.replaceAll("/var/log", dir).replaceAll("$name", "k0sworker");
      const made = (): [number, boolean] => {
        execFileSync("/bin/sh", ["-c", `umask 022; ${script}; : >"${dir}/after"`]);
        return [statSync(log).mode & 0o777, (statSync(join(dir, "after")).mode & 0o777) === 0o644];
      };
      expect(made()).toEqual([0o600, true]);
      chmodSync(log, 0o640);
      expect(made()).toEqual([0o640, true]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
);
