import { expect, test } from "bun:test";
import { join } from "node:path";
import { execHelperArguments } from "./exec-helper-arguments.ts";
import type { ExecHelperOptions } from "./exec-helper-arguments.ts";
import { run } from "./exec.ts";
import { isRunning, processInfo } from "./processes.ts";
import { execSelf } from "./testdata/exec-self.ts";

/** Signals 1 to 31; the C library keeps 32 and 33 for itself, and the program that runs the tests may ignore them. */
function standardSignals(mask: string): string {
  return (BigInt(`0x${mask}`) & 0x7fffffffn).toString(16).padStart(16, "0");
}

async function status(
  options: Omit<ExecHelperOptions, "command" | "argv0">,
): Promise<Record<string, string>> {
  const [command = "", ...args] = execHelperArguments(execSelf, {
    ...options,
    command: "/bin/cat",
    argv0: "cat",
  });
  const { stdout, stderr } = await run(command, [...args, "/proc/self/status"]);
  expect(stderr).toBe("");
  return Object.fromEntries(
    stdout
      .split("\n")
      .map((line) => line.split(/:\s+/))
      .map(([key = "", value = ""]) => [key, key === "SigIgn" ? standardSignals(value) : value]),
  );
}

test("as it is: full rights, clean signals, no groups changed", async () => {
  const own = await status({});
  expect(own).toMatchObject({
    Uid: "0\t0\t0\t0",
    SigIgn: "0000000000000000",
    SigBlk: "0000000000000000",
    NoNewPrivs: "0",
  });
});

test("another user keeps no capability, no group but the given one", async () => {
  const own = await status({ user: { uid: 65534, gid: 0 } });
  expect(own).toMatchObject({
    Uid: "65534\t65534\t65534\t65534",
    Gid: "0\t0\t0\t0",
    CapEff: "0000000000000000",
    CapPrm: "0000000000000000",
    SigIgn: "0000000000000000",
  });
  expect(own["Groups"]?.trim() ?? "").toBe("");
});

test("ambient capabilities reach the program, and only those", async () => {
  const own = await status({
    user: { uid: 65534, gid: 0 },
    ambientCaps: ["net_bind_service", "net_raw"],
    noNewPrivs: true,
  });
  expect(own).toMatchObject({ CapAmb: "0000000000002400", CapPrm: "0000000000002400", NoNewPrivs: "1" });
});

test("argv[0], arguments and environment arrive exactly", async () => {
  const [command = "", ...args] = execHelperArguments(execSelf, {
    command: "/bin/sh",
    argv0: "kube apiserver",
  });
  const script = `printf '%s|' "$0" "$@"; tr '\\0' '\\n' </proc/$$/cmdline | head -1; env`;
  const { stdout } = await run(command, [...args, "-c", script, "", "--", "a b", "ü"], {
    env: { ONLY: "x=y", PATH: "/bin:/usr/bin" },
  });
  const [first, ...env] = stdout.trim().split("\n");
  expect(first).toBe("|--|a b|ü|kube apiserver");
  expect(env.filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line)).sort()).toEqual([
    "ONLY=x=y",
    "PATH=/bin:/usr/bin",
  ]);
});

test("a program that cannot be run is named, with code 127", async () => {
  const [command = "", ...args] = execHelperArguments(execSelf, { command: "/no/such/program", argv0: "x" });
  const { code, stderr } = await run(command, args);
  expect(code).toBe(127);
  expect(stderr).toContain("/no/such/program");
  expect((await run(command, [...execSelf.slice(1), "__exec", "--uid=x", "--", "/bin/true"])).code).toBe(127);
});

test("nothing is started for a parent that is gone", async () => {
  const { code, stdout } = await run(execSelf[0] ?? "", [
    ...execSelf.slice(1),
    "__exec",
    "--parent=1",
    "--",
    "/bin/echo",
    "no",
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
});

test("the program dies with a parent that is killed, also under another user", async () => {
  const module = JSON.stringify(join(import.meta.dir, "exec-helper-arguments.ts"));
  const program = `
    const { execHelperArguments } = await import(${module});
    const argv = execHelperArguments(${JSON.stringify(execSelf)}, { command: "/bin/sleep", argv0: "sleep", user: { uid: 65534, gid: 0 } });
    const child = Bun.spawn([...argv, "60"], { stdin: "ignore", stdout: "ignore", detached: true });
    const { readFileSync } = require("node:fs");
    while (readFileSync("/proc/" + child.pid + "/comm", "utf8") !== "sleep\\n") await Bun.sleep(5);
    console.log(child.pid);
    await Bun.sleep(60_000);`;
  const parent = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
  const { value } = await parent.stdout.getReader().read();
  const info = await processInfo(Number(new TextDecoder().decode(value)));
  expect(await isRunning(info!)).toBe(true);
  parent.kill("SIGKILL");
  await parent.exited;
  await Bun.sleep(50);
  expect(await isRunning(info!)).toBe(false);
});
