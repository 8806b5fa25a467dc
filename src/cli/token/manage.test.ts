import { expect, test } from "bun:test";
import { testIo } from "../core/test-io.ts";
import { invalidateTokens, tokenInvalidate } from "./manage.ts";

test("says which tokens were there, and fails for those that were not", async () => {
  const io = testIo({});
  const remove = async (id: string): Promise<boolean> => id === "abc123";
  const err = await invalidateTokens(["nosuch", "abc123", "nosuc2"], remove, io).catch((one: unknown) => one);
  expect(err).toMatchObject({ message: "there is no join token nosuch, nosuc2", code: "no-such-token" });
  expect(io.stdout()).toBe("token abc123 deleted successfully\n");
});

test.each(["", "../../default/secrets/x"])("%j is refused before anybody is asked", async (id) => {
  const flags = { dataDir: "/nonexistent", statusSocket: "" };
  expect(tokenInvalidate(flags, ["abc123", id], testIo({ root: false }))).rejects.toThrow("is no token");
});
