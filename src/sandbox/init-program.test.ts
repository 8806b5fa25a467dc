import { describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initProgram } from "./init-program.ts";

const headers = 64 + 56;

const toolchains = [
  { arch: "x64", source: "init-program.amd64.s", prefix: process.arch === "x64" ? "" : "x86_64-linux-gnu-" },
  {
    arch: "arm64",
    source: "init-program.arm64.s",
    prefix: process.arch === "arm64" ? "" : "aarch64-linux-gnu-",
  },
] as const;

describe("the first process of a machine", () => {
  for (const { arch, source, prefix } of toolchains) {
    test.skipIf(Bun.which(`${prefix}as`) === null)(`for ${arch} is what its source says`, () => {
      const dir = mkdtempSync(join(tmpdir(), "k0s-init-"));
      try {
        const [object, binary] = [join(dir, "init.o"), join(dir, "init.bin")];
        Bun.spawnSync([`${prefix}as`, join(import.meta.dir, source), "-o", object]);
        Bun.spawnSync([`${prefix}objcopy`, "-O", "binary", "-j", ".text", object, binary]);
        expect(initProgram(arch).subarray(headers).toString("hex")).toBe(
          readFileSync(binary).toString("hex"),
        );
      } finally {
        rmSync(dir, { recursive: true });
      }
    });
  }

  test("becomes its arguments when its standard input ends, and stays when something came before", async () => {
    const dir = mkdtempSync(join(tmpdir(), "k0s-init-"));
    try {
      const file = join(dir, "init");
      writeFileSync(file, initProgram());
      chmodSync(file, 0o755);
      const child = Bun.spawn([file, "/bin/echo", "over"], { stdin: "pipe", stdout: "pipe", env: {} });
      await Bun.sleep(50);
      expect(child.exitCode).toBeNull();
      await child.stdin.end();
      expect(await new Response(child.stdout).text()).toBe("over\n");
      const kept = Bun.spawn([file], { stdin: "pipe" });
      await kept.stdin.write("x");
      await kept.stdin.end();
      await Bun.sleep(50);
      expect(kept.exitCode).toBeNull();
      kept.kill("SIGKILL");
      const alone = Bun.spawn([file], { stdin: "ignore" });
      expect(await alone.exited).toBe(0);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test("is refused where there is no code for it", () => {
    expect(() => initProgram("s390x")).toThrow("sandboxes do not exist on s390x");
  });
});
