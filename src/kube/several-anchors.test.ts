// Clients take a bundle of authorities: real handshakes with servers whose certificate the second one has signed.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCa, issueLeaf, type KeyAndCertificate } from "../pki/issue.ts";
import { anchorOf, joinTrust, parseTrust, type TrustBundle } from "../std/trust-bundle.ts";
import { decodeJoinToken, encodeJoinToken } from "../token/join-token.ts";
import { createKubeClient, kubeClientOn } from "./client.ts";
import { kubeconfigYaml, parseKubeconfig } from "./kubeconfig.ts";
import { kubeClientFromKubeconfig } from "./kubeconfig-client.ts";
import { ownConnections } from "./own-connections.ts";
import { createTransport } from "./transport.ts";

const hour = 3_600_000;
let issuer: KeyAndCertificate;
let leaf: KeyAndCertificate;
/** The server's authority comes last. */
let both: TrustBundle;
let before: TrustBundle;
let server: ReturnType<typeof Bun.serve>;
let dir = "";
let url = "";

beforeAll(async () => {
  const ca = (): Promise<KeyAndCertificate> =>
    issueCa({ cn: "kubernetes-ca", expiresMs: hour, keyType: "p256" });
  const old = await ca();
  issuer = await ca();
  before = parseTrust(old.cert, "old.crt");
  both = joinTrust(before, parseTrust(issuer.cert, "new.crt"));
  leaf = await issueLeaf({ ca: issuer, cn: "api", expiresMs: hour, keyType: "p256", sans: ["127.0.0.1"] });
  server = Bun.serve({ port: 0, hostname: "127.0.0.1", tls: leaf, fetch: () => new Response("{}") });
  url = `https://127.0.0.1:${server.port}`;
  dir = await mkdtemp(join(tmpdir(), "k0s-anchors-"));
});
afterAll(async () => {
  await server.stop(true);
  await rm(dir, { recursive: true });
});

const once = { retries: 0, timeoutMs: 10_000 };
const textOf = async (answer: Promise<Response>): Promise<string> => (await answer).text();

describe("a client with two authorities", () => {
  test("reaches a server of the second one", async () => {
    expect(await textOf(createKubeClient({ server: url, ca: both }).raw("/version", once))).toBe("{}");
  });

  test("does so on connections of its own, too", async () => {
    const transport = createTransport({
      server: url,
      credentials: () => ({ ca: both }),
      connect: ownConnections,
    });
    expect(await textOf(kubeClientOn(transport).raw("/version", once))).toBe("{}");
  });

  test("and not without that one", async () => {
    for (const connect of [undefined, ownConnections]) {
      const transport = createTransport({ server: url, credentials: () => ({ ca: before }), connect });
      expect(kubeClientOn(transport).raw("/version", once)).rejects.toThrow("signed by an authority");
    }
  });

  test("has it from a kubeconfig, or from a join token", async () => {
    const conf = join(dir, "conf");
    await writeFile(conf, kubeconfigYaml({ server: url, ca: both, token: "t" }));
    expect(await textOf((await kubeClientFromKubeconfig(conf)).raw("/version", once))).toBe("{}");
    const token = { server: url, ca: both, token: "abcdef.0123456789abcdef", role: "worker" as const };
    const decoded = await decodeJoinToken(encodeJoinToken({ ...token, expires: undefined }));
    expect(decoded.ca).toEqual(both);
    const connection = await parseKubeconfig(decoded.kubeconfig, "the token");
    expect(await textOf(createKubeClient(connection).raw("/version", once))).toBe("{}");
  });
});

test("two authorities of one name are told apart by what they have signed", () => {
  const certificate = new X509Certificate(leaf.cert);
  expect(anchorOf(certificate, both)?.pem).toBe(parseTrust(issuer.cert, "x").pem);
  expect(anchorOf(certificate, before)).toBeUndefined();
});

test("credentials in another order are the same ones: connections are kept", async () => {
  const opened: TrustBundle[] = [];
  const [first, second] = both.anchors.map(({ pem }) => parseTrust(pem, "x"));
  if (first === undefined || second === undefined) throw new Error("there are two");
  const given = [joinTrust(first, second), joinTrust(second, first), first];
  const transport = createTransport({
    server: url,
    credentials: () => ({ ca: given.shift() }),
    connect: (_, { ca }) => {
      if (ca !== undefined) opened.push(ca);
      return { fetch: () => Promise.resolve(new Response("{}")), close: () => undefined };
    },
  });
  for (let round = 0; round < 3; round++) await transport.send({ path: "/" });
  expect(opened.map(({ anchors }) => anchors.length)).toEqual([2, 1]);
});
