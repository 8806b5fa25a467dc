// k0s.exe, run by wine: what it can do, what it refuses, and that the programs in it come out whole and start.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { copyFile, readdir, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hostPlatform } from "../../build/platform.ts";
import { windowsBuild, windowsFile } from "../../build/windows/windows-build.ts";
import { openPayload } from "../../src/payload/payload.ts";
import { componentVersions, k0sVersion } from "../../src/product/versions.ts";
import { silentProgress } from "../../src/std/progress.ts";
import { startWine, type Wine } from "../harness/wine.ts";

// Debian has wine for Windows on amd64 on hosts of that kind only.
describe.if(hostPlatform().arch === "amd64")("k0s.exe", () => {
  let wine: Wine;
  let k0s = "";
  const runtimes = (): string => join(wine.drive, "runtimes");
  const variables = { K0S_RUNTIME_ROOT: "C:\\runtimes" };
  const k0sExe = (args: readonly string[]) => wine.run(k0s, args, { env: variables });
  beforeAll(async () => {
    const { signal } = new AbortController();
    await windowsBuild.run({ platform: hostPlatform(), args: [], signal, report: silentProgress });
    wine = await startWine();
    k0s = join(wine.drive, "k0s", "k0s.exe");
    await copyFile(windowsFile, k0s);
  });
  afterAll(async () => wine?.[Symbol.asyncDispose]());

  test("unpacks its runtime once and says its version", async () => {
    expect(await k0sExe(["version"])).toMatchObject({ code: 0, stdout: `${k0sVersion}\n` });
    const [name = "", ...others] = await readdir(runtimes());
    expect(others).toEqual([]);
    const { mtimeMs } = await stat(join(runtimes(), name, "runtime.exe"));
    expect(await k0sExe(["version"])).toMatchObject({ code: 0 });
    expect((await stat(join(runtimes(), name, "runtime.exe"))).mtimeMs).toBe(mtimeMs);
    // Half a runtime is not taken for one.
    await truncate(join(runtimes(), name, "runtime.exe"), 1000);
    expect(await k0sExe(["version"])).toMatchObject({ code: 0, stdout: `${k0sVersion}\n` });
    expect(await readdir(runtimes())).toEqual([name]);
  });

  test("makes and checks a configuration, and exits as it should", async () => {
    const created = await k0sExe(["config", "create"]);
    expect(created.code).toBe(0);
    expect(created.stdout).toContain("kind: ClusterConfig");
    await writeFile(join(wine.drive, "k0s", "good.yaml"), created.stdout);
    expect(await k0sExe(["config", "validate", "--config", "C:\\k0s\\good.yaml"])).toMatchObject({ code: 0 });
    await writeFile(join(wine.drive, "k0s", "bad.yaml"), created.stdout.replace("network:", "netwrok:"));
    expect(await k0sExe(["config", "validate", "--config", "C:\\k0s\\bad.yaml"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("netwrok"),
    });
  });

  test("refuses what does not run there", async () => {
    expect(await k0sExe(["controller"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("k0s controller does not run on Windows"),
    });
    expect(await k0sExe(["kubectl", "get", "nodes"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("k0s kubectl does not run on Windows"),
    });
  });

  test("its programs come out whole and start", async () => {
    await using payload = await openPayload(windowsFile);
    const steps = ["kubernetes", "containerd", "hcsshim"].map((part) => ({
      part,
      dir: "C:\\var\\lib\\k0s\\bin",
    }));
    const env = { K0S_LAUNCHER: "unpack", K0S_INDEX: payload.indexSha256 };
    const unpacked = await wine.run(k0s, [], { input: JSON.stringify(steps), env });
    expect(unpacked).toMatchObject({ code: 0, stderr: "" });
    const bin = join(wine.drive, "var", "lib", "k0s", "bin");
    expect((await readdir(bin)).toSorted()).toEqual([
      ".part-containerd.json",
      ".part-hcsshim.json",
      ".part-kubernetes.json",
      "containerd-shim-runhcs-v1.exe",
      "containerd.exe",
      "kubelet.exe",
    ]);
    const { kubernetes, containerd } = componentVersions;
    expect(await wine.run(join(bin, "kubelet.exe"), ["--version"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`v${kubernetes}+k0s`),
    });
    expect(await wine.run(join(bin, "containerd.exe"), ["--version"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`v${containerd}`),
    });
  });

  test("a worker needs a token that can be read", async () => {
    expect(await k0sExe(["worker"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no join token was given"),
    });
    await writeFile(join(wine.drive, "k0s", "garbage"), "garbage\n");
    expect(await k0sExe(["worker", "--token-file", "C:\\k0s\\garbage"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the join token cannot be read"),
    });
    // Nothing was changed for it.
    expect(existsSync(join(wine.drive, "var", "lib", "k0s", "run"))).toBe(false);
  });

  test("the service has the command line that Windows splits as it was meant", async () => {
    const install = ["install", "worker", "--token-file", "C:\\k0s files\\token", "--labels", "a=b"];
    expect(await k0sExe(install)).toMatchObject({ code: 0 });
    const key = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\k0sworker";
    const { stdout } = await wine.run("reg.exe", ["query", key, "/v", "ImagePath"]);
    expect(stdout).toContain(
      'C:\\k0s\\k0s.exe service=k0sworker worker --labels=a=b "--token-file=C:\\k0s files\\token"',
    );
    expect(await k0sExe([...install, "--profile", "other"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--force replaces it"),
    });
    expect(await k0sExe(["uninstall"])).toMatchObject({ code: 0 });
    expect(await k0sExe(["start"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the service k0sworker is not installed"),
    });
  });

  test("a file that was cut off says so", async () => {
    const cut = join(wine.drive, "k0s", "cut.exe");
    await copyFile(windowsFile, cut);
    await truncate(cut, (await stat(cut)).size - 100);
    const said = await wine.run(cut, ["version"]);
    expect(said.code).toBe(1);
    expect(said.stderr).toContain("truncated");
    expect(said.stderr).toContain("Get the k0s file again");
  });
});
