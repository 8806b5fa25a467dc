import { describe, expect, test } from "bun:test";
import { createKubeClient } from "../../kube/client.ts";
import { errorFromAnswer } from "../../kube/errors.ts";
import { issueCa, issueLeaf } from "../../pki/issue.ts";
import type { UserError } from "../../std/errors.ts";
import type { JoinToken } from "../../token/join-token.ts";
import { describeClock, explainApiFailure } from "./api-trouble.ts";
import { clockAheadMs } from "../../kube/clock-check.ts";
import { parseTrust } from "../../std/trust-bundle.ts";

const hour = 3_600_000;
const token = { server: "https://192.0.2.1:6443", role: "worker", expires: undefined } as JoinToken;

async function failureOf(server: string, ca?: string, timeoutMs = 2_000): Promise<unknown> {
  const client = createKubeClient({ server, ca: ca === undefined ? undefined : parseTrust(ca, "ca") });
  return await client.raw("/version", { retries: 0, timeoutMs }).then(
    () => undefined,
    (err: unknown) => err,
  );
}

async function explain(server: string, ca?: string, timeoutMs?: number): Promise<UserError> {
  return explainApiFailure(await failureOf(server, ca, timeoutMs), { server, token: undefined });
}

describe("a server that cannot be reached", () => {
  test("refuses", async () => {
    const trouble = await explain("https://127.0.0.1:1");
    expect(trouble.message).toBe("cannot reach the API server https://127.0.0.1:1: connection refused");
    expect(trouble.hint).toContain("Does the controller run");
  });

  test("is silent", async () => {
    using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    expect((await explain(`https://127.0.0.1:${silent.port}`, undefined, 200)).message).toEndWith(
      ": no answer in time",
    );
  });

  test("has no name", async () => {
    const trouble = await explain("https://nowhere.invalid:6443");
    expect(trouble.message).toEndWith("the name nowhere.invalid does not resolve");
  });

  test("speaks no TLS", async () => {
    using plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
    expect((await explain(`https://127.0.0.1:${plain.port}`)).message).toContain("is no TLS server");
  });
});

describe("a server's certificate", () => {
  test("of another cluster is told from a wrong clock", async () => {
    const [ours, theirs] = await Promise.all([
      issueCa({ cn: "ours", expiresMs: hour }),
      issueCa({ cn: "theirs", expiresMs: hour }),
    ]);
    const leaf = await issueLeaf({ ca: theirs, cn: "api", expiresMs: hour, sans: ["127.0.0.1"] });
    using other = Bun.serve({ port: 0, tls: leaf, fetch: () => new Response("hello") });
    const server = `https://127.0.0.1:${other.port}`;
    expect((await explain(server, ours.cert)).code).toBe("other-cluster");
    const withToken = explainApiFailure(await failureOf(server, ours.cert), { server, token });
    expect(withToken.code).toBe("token-cluster");
  });

  test("that is not valid yet shows how far the clock is off", async () => {
    const tomorrow = new Date(Date.now() + 24 * hour);
    const ca = await issueCa({ cn: "future", expiresMs: hour, now: tomorrow });
    const leaf = await issueLeaf({ ca, cn: "api", expiresMs: hour, now: tomorrow, sans: ["127.0.0.1"] });
    const headers = { date: tomorrow.toUTCString() };
    using api = Bun.serve({ port: 0, tls: leaf, fetch: () => new Response("{}", { headers }) });
    const server = `https://127.0.0.1:${api.port}`;
    const failure = await failureOf(server, ca.cert);
    const ahead = await clockAheadMs(server, new AbortController().signal);
    const trouble = explainApiFailure(failure, { server, token: undefined, clockAheadMs: ahead });
    expect(trouble.code).toBe("clock");
    expect(trouble.message).toMatch(/^the clock of this host is (24h0m|23h59m)\d+s behind the API server's/);
  });
});

test("what the API server answers", () => {
  const answer = (status: number) => errorFromAnswer("GET /version", status, "", null);
  const contact = { server: token.server, token: undefined };
  expect(explainApiFailure(answer(401), contact).code).toBe("node-refused");
  expect(explainApiFailure(answer(401), { ...contact, token }).code).toBe("token-refused");
  expect(explainApiFailure(answer(403), contact).code).toBe("forbidden");
  expect(explainApiFailure(answer(503), contact).code).toBe("api-not-ready");
});

test("small differences of clocks are none", () => {
  expect(describeClock(undefined)).toBeUndefined();
  expect(describeClock(-20_000)).toBeUndefined();
  expect(describeClock(2 * hour)).toBe("the clock of this host is 2h0m0s ahead of the API server's");
});
