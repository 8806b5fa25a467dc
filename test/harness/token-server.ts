// Where a registry sends its clients for tokens: one user's password for a token that a repository may be read with.

import { createSign, X509Certificate } from "node:crypto";
import type { KeyAndCertificate } from "../../src/pki/issue.ts";

export interface TokenServer extends Disposable {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** Scopes for which tokens were given. */
  readonly scopes: readonly string[];
}

export interface TokenServerOptions {
  /** Its own certificate, and that of the key that signs tokens: the registry trusts its authority. */
  readonly leaf: KeyAndCertificate;
  readonly user: string;
  readonly password: string;
}

const [service, issuer] = ["tests", "token-server"] as const;

export function startTokenServer({ leaf, user, password }: TokenServerOptions): TokenServer {
  const scopes: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: leaf.cert, key: leaf.key },
    fetch(request) {
      if (request.headers.get("authorization") !== `Basic ${btoa(`${user}:${password}`)}`)
        return new Response(null, { status: 401 });
      const scope = new URL(request.url).searchParams.get("scope") ?? "";
      const [type = "", name = "", actions = ""] = scope.split(":");
      scopes.push(scope);
      return Response.json({ token: signed(leaf, [{ type, name, actions: actions.split(",") }]) });
    },
  });
  return {
    realm: `https://127.0.0.1:${server.port}/token`,
    service,
    issuer,
    scopes,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

/** A JSON web token by ES256. */
function signed(leaf: KeyAndCertificate, access: readonly object[]): string {
  const now = Math.floor(Date.now() / 1000);
  const x5c = [new X509Certificate(leaf.cert).raw.toString("base64")];
  const claims = {
    iss: issuer,
    sub: "us",
    aud: service,
    iat: now - 60,
    nbf: now - 60,
    exp: now + 600,
    jti: crypto.randomUUID(),
    access,
  };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ alg: "ES256", typ: "JWT", x5c })}.${encode(claims)}`;
  const signature = createSign("SHA256").update(text).sign({ key: leaf.key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}
