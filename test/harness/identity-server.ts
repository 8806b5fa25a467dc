// Who is who, for an API server under test: tokens of a small OpenID Connect issuer with an authority of its own, and a webhook that
// allows what it is told to. Both are real servers in the network of the machine.

import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { issueCa, issueLeaf } from "../../src/pki/issue.ts";
import { pollUntil } from "../../src/std/wait.ts";
import type { TestMachine } from "./test-machine.ts";

export interface IdentitySettings {
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string };
  readonly jwks: object;
  /** `user verb resource namespace` */
  readonly allows: readonly string[];
}

export interface IdentityServer extends AsyncDisposable {
  readonly issuer: string;
  /** PEM: who vouches for its certificate. */
  readonly authority: string;
  /** A kubeconfig for its webhook. */
  readonly webhookKubeconfig: object;
  /** A token with these claims, valid for ten minutes from `at` (default: now). */
  token(claims: object, options?: { readonly at?: number; readonly forged?: true }): string;
  /** What the webhook was asked, in order. */
  asked(): readonly string[];
}

const day = 86_400_000;
const kid = "test-key";
const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });

export async function startIdentityServer(
  machine: TestMachine,
  { port, allows }: Pick<IdentitySettings, "port" | "allows">,
): Promise<IdentityServer> {
  const ca = await issueCa({ cn: "identity-test-ca", expiresMs: day });
  const leaf = await issueLeaf({ ca, cn: "identity", sans: ["127.0.0.1"], expiresMs: day });
  const [own, foreign] = [rsa(), rsa()];
  const jwk = { ...own.publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" };
  const settings: IdentitySettings = { port, allows, tls: leaf, jwks: { keys: [jwk] } };
  const main = join(import.meta.dir, "identity-server-main.ts");
  const child = Bun.spawn(["nsenter", `--net=${machine.networkNamespace()}`, process.execPath, main], {
    stdio: [Buffer.from(JSON.stringify(settings)), "pipe", "inherit"],
  });
  const lines: string[] = [];
  const reading = readLines(child.stdout, lines);
  await pollUntil(() => lines.length > 0, { what: "the issuer", intervalMs: 50, timeoutMs: 30_000 });
  const issuer = `https://127.0.0.1:${port}`;
  return {
    issuer,
    authority: ca.cert,
    webhookKubeconfig: {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "hook",
          cluster: { server: `${issuer}/authorize`, "certificate-authority-data": btoa(ca.cert) },
        },
      ],
      users: [{ name: "api", user: {} }],
      contexts: [{ name: "hook", context: { cluster: "hook", user: "api" } }],
      "current-context": "hook",
    },
    token: (claims, { at = Date.now(), forged } = {}) =>
      signed({ iss: issuer, ...times(at), ...claims }, forged ? foreign.privateKey : own.privateKey),
    asked: () => lines.slice(1),
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await Promise.all([child.exited, reading]);
    },
  };
}

function times(at: number): object {
  const seconds = Math.floor(at / 1_000);
  return { iat: seconds, nbf: seconds, exp: seconds + 600 };
}

/** A JSON web token by RS256. */
function signed(claims: object, key: KeyObject): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ alg: "RS256", typ: "JWT", kid })}.${encode(claims)}`;
  return `${text}.${createSign("SHA256").update(text).sign(key).toString("base64url")}`;
}

async function readLines(stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  for await (const line of createInterface({ input: Readable.fromWeb(stream as never) })) lines.push(line);
}
