// Which role the container image's entry point takes a command line for, asked of its own function.

import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run, type RunResult } from "../../src/os/exec.ts";

async function roleOf(line: string, role?: string): Promise<RunResult> {
  const script = await readFile(join(import.meta.dir, "../../images/k0s/entrypoint.sh"), "utf8");
  const functions = ["switched", "role_of"].map((name) => {
    const found = new RegExp(`^${name}\\(\\) \\{$.*?^\\}$`, "ms").exec(script);
    if (found === null) throw new Error(`the entry point has no function ${name}`);
    return found[0];
  });
  const env = { PATH: "/usr/bin:/bin", ...(role !== undefined && { K0S_ENTRYPOINT_ROLE: role }) };
  return run("/bin/sh", ["-euc", `${functions.join("\n")}\nrole_of ${line}`], { env, timeoutMs: 10_000 });
}

test.each([
  ["k0s worker --token-file /x", "worker"],
  ["k0s controller", "controller"],
  ["k0s server", "controller"],
  ["/usr/local/bin/k0s server --enable-worker", "controller+worker"],
  ["k0s controller --single", "controller+worker"],
  ...["1", "t", "T", "true", "True", "TRUE"].map((yes): [string, string] => [
    `k0s controller --enable-worker=${yes}`,
    "controller+worker",
  ]),
  ...["0", "f", "F", "false", "False", "FALSE"].map((no): [string, string] => [
    `k0s controller --enable-worker=${no}`,
    "controller",
  ]),
  ["k0s controller --enable-worker --enable-worker=false", "controller"],
  ["k0s controller --single=f --single", "controller+worker"],
  ["k0s controller --single=false --enable-worker", "controller+worker"],
  ["k0s --enable-worker controller", "controller+worker"],
  ["k0s --debug --single=1 controller", "controller+worker"],
  ["k0s --data-dir /x controller --single", "controller+worker"],
  ["k0s --data-dir=/x controller", "controller"],
  ["k0s controller --data-dir worker", "controller"],
  ["k0s controller -- --single", "controller"],
  ["k0s worker --enable-worker", "worker"],
  ["k0s install controller --single", ""],
  ["k0s --debug install controller --single", ""],
  ["k0s --data-dir=/x install controller --single", ""],
  ["k0s version", ""],
  ["sh -c k0s controller --single", ""],
])("%s: %p", async (line, role) => {
  const { code, stdout, stderr } = await roleOf(line);
  expect({ code, role: stdout.trim(), stderr }).toEqual({ code: 0, role, stderr: "" });
});

test("a role that is named counts, an unknown one is refused", async () => {
  expect(await roleOf("k0s controller", "worker")).toMatchObject({ code: 0, stdout: "worker\n" });
  const { code, stdout, stderr } = await roleOf("k0s controller", "single");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("K0S_ENTRYPOINT_ROLE is single, which is not worker, controller or");
});
