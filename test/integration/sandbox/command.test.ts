// `k0s sandbox` as its users meet it when something is not as it should be.

import { join } from "node:path";
import { describe, expect, test } from "bun:test";

const entry = join(import.meta.dir, "../../../src/main.ts");

async function sandbox(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([process.execPath, entry, "sandbox", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", K0S_SELF: entry },
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

describe("k0s sandbox", () => {
  const refused: [string[], string][] = [
    [["create", "Bad_Name"], '"Bad_Name" is no name for a sandbox'],
    [["create", "x", "--controllers", "0"], "a cluster needs a controller"],
    [["create", "x", "--config", "/no/such/file"], "/no/such/file"],
    [["delete", "no-such-sandbox"], "there is no sandbox no-such-sandbox"],
    [["exec", "no-such-sandbox", "--", "true"], "there is no sandbox no-such-sandbox"],
    [["kubeconfig", "no-such-sandbox"], "there is no sandbox no-such-sandbox"],
    [["status", "no-such-sandbox"], "there is no sandbox no-such-sandbox"],
  ];
  for (const [args, text] of refused) {
    test(`refuses ${args.join(" ")}`, async () => {
      const { code, stdout, stderr } = await sandbox(...args);
      expect(stderr).toContain(text);
      expect(stderr).not.toContain("    at ");
      expect(stdout).toBe("");
      expect(code).toBe(1);
    });
  }

  test("a file that is no k0s ends, and takes its sandbox with it", async () => {
    const name = `broken-${process.pid}`;
    const { code, stderr } = await sandbox("create", name);
    expect(stderr).toContain("k0s");
    expect(code).toBe(1);
    expect((await sandbox("delete", name)).stderr).toContain(`there is no sandbox ${name}`);
  });
});
