import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { UserError } from "../std/errors.ts";
import { refusedTokenError, wrongClusterError } from "./join-failure.ts";
import { decodeJoinToken, encodeJoinToken } from "./join-token.ts";
import { readJoinToken } from "./read-token.ts";
import { anchor, otherAnchor } from "../std/testdata/anchors.ts";
import { joinTrust } from "../std/trust-bundle.ts";

const ca = joinTrust(anchor, otherAnchor);
const worker = {
  server: "https://10.0.0.1:6443",
  ca,
  token: "abcdef.0123456789abcdef",
  role: "worker",
  expires: undefined,
} as const;

/** The code of the UserError that the promise rejects with. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (err) {
    if (err instanceof UserError) return err.code;
    throw err;
  }
  return "none";
}

test("what was encoded is decoded, for all tokens", async () => {
  const text = fc.stringMatching(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
  const role = fc.constantFrom("worker" as const, "controller" as const);
  const expires = fc.option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }), {
    nil: undefined,
  });
  const input = fc.record({ server: fc.webUrl({ validSchemes: ["https"] }), token: text, role, expires });
  await fc.assert(
    fc.asyncProperty(input, async (token) => {
      expect(await decodeJoinToken(encodeJoinToken({ ...token, ca }))).toMatchObject({ ...token, ca });
    }),
    { numRuns: 30 },
  );
});

test("a token as upstream's template makes it is read", async () => {
  const kubeconfig = `
apiVersion: v1
clusters:
- cluster:
    server: https://10.0.0.1:9443
    certificate-authority-data: ${Buffer.from(ca.pem).toString("base64")}
  name: k0s
contexts:
- context:
    cluster: k0s
    user: controller-bootstrap
  name: k0s
current-context: k0s
kind: Config
preferences: {}
users:
- name: controller-bootstrap
  user:
    token: abcdef.0123456789abcdef
`;
  const text = gzipSync(kubeconfig, { level: 9 }).toString("base64");
  expect(await decodeJoinToken(text)).toMatchObject({
    server: "https://10.0.0.1:9443",
    role: "controller",
    token: "abcdef.0123456789abcdef",
    expires: undefined,
    ca,
  });
});

test("line breaks and blanks around a token do no harm", async () => {
  const text = encodeJoinToken(worker);
  expect(await decodeJoinToken(` ${text.slice(0, 60)}\n${text.slice(60)}\n`)).toMatchObject(worker);
});

test("a token without its end is called truncated, wherever it was cut", async () => {
  const text = encodeJoinToken(worker);
  // Without its padding alone it is whole.
  const whole = text.replace(/=+$/, "").length;
  for (let length = 20; length < whole - 1; length++) {
    expect([length, await codeOf(decodeJoinToken(text.slice(0, length)))]).toEqual([
      length,
      "token-truncated",
    ]);
  }
});

test.each([
  ["not a token"],
  [""],
  ["H4sI!!!!"],
  [Buffer.from("apiVersion: v1").toString("base64")],
  [gzipSync("not: a kubeconfig").toString("base64")],
  [encodeJoinToken({ ...worker, token: "no-bootstrap-token" })],
])("%p is garbage", async (text) => {
  expect(await codeOf(decodeJoinToken(text))).toBe("token-garbage");
});

test("one wrong character is noticed", async () => {
  const text = encodeJoinToken(worker);
  const at = Math.floor(text.length / 2);
  const broken = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
  expect(await codeOf(decodeJoinToken(broken))).toBe("token-garbage");
});

test("a token for the other role and a missing file are named", async () => {
  const source = { kind: "value", from: "argument", token: encodeJoinToken(worker) } as const;
  expect(await codeOf(readJoinToken(source, "controller"))).toBe("token-role");
  expect((await readJoinToken(source, "worker")).role).toBe("worker");
  expect(await codeOf(readJoinToken({ kind: "file", path: "/nonexistent/token" }, "worker"))).toBe(
    "token-file",
  );
});

test("a refused token is told apart: expired or not, another cluster or another fault", async () => {
  const token = await decodeJoinToken(encodeJoinToken({ ...worker, expires: new Date("2026-01-01") }));
  expect(refusedTokenError(token, "", new Date("2026-01-02")).code).toBe("token-expired");
  expect(refusedTokenError(token, "", new Date("2025-01-02")).code).toBe("token-refused");
  expect(refusedTokenError(token, "expired", new Date("2025-01-02")).code).toBe("token-expired");
  const failure = (code: string): Error =>
    new Error("fetch failed", { cause: Object.assign(new Error("tls"), { code }) });
  expect(wrongClusterError(failure("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), token)?.code).toBe("token-cluster");
  expect(wrongClusterError(failure("CERT_NOT_YET_VALID"), token)?.code).toBe("clock");
  expect(wrongClusterError(failure("ECONNREFUSED"), token)).toBeUndefined();
});
