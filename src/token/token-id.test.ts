import { expect, test } from "bun:test";
import { encodeJoinToken } from "./join-token.ts";
import { tokenId } from "./token-id.ts";
import { anchor } from "../std/testdata/anchors.ts";

const secret = "0123456789abcdef";
const joinToken = encodeJoinToken({
  server: "https://192.0.2.1:6443",
  ca: anchor,
  token: `abc123.${secret}`,
  role: "worker",
  expires: undefined,
});

test.each([
  "abc123",
  ` abc123\n`,
  `abc123.${secret}`,
  joinToken,
  `${joinToken.slice(0, 70)}\n${joinToken.slice(70)}\n`,
])("%j names abc123", async (given) => {
  expect(await tokenId(given)).toBe("abc123");
});

test.each([
  "",
  "abc12",
  "ABC123",
  "../../default/secrets/x",
  "abc123/../x",
  `abc123.${secret}/x`,
  "abc123.short",
  joinToken.slice(0, -20),
  joinToken.slice(4),
])("%j names none, and is not repeated", async (given) => {
  const err = await tokenId(given).catch((thrown: unknown) => thrown);
  expect(err).toMatchObject({ name: "UserError" });
  if (given !== "") expect(String(err)).not.toContain(given);
  expect(String(err)).not.toContain(secret);
});
