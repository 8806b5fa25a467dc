import { expect, test } from "bun:test";
import { runOrThrow } from "../../os/exec.ts";
import { processIo } from "./io.ts";

test("a secret in the environment is taken out of it, and no child has it", async () => {
  const name = "K0S_TOKEN_OF_A_TEST";
  process.env[name] = "Zx7q9kLm";
  expect(await runOrThrow("env", [])).toContain("Zx7q9kLm");
  const io = processIo(new AbortController().signal);
  expect(io.takeSecret(name)).toBe("Zx7q9kLm");
  expect(io.takeSecret(name)).toBeUndefined();
  expect(io.env[name]).toBeUndefined();
  expect(await runOrThrow("env", [])).not.toContain("Zx7q9kLm");
  expect(Bun.spawnSync(["env"]).stdout.toString()).not.toContain("Zx7q9kLm");
});
