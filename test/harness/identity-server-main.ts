// An issuer of OpenID Connect tokens, and a webhook that decides what requests may do, by TLS on loopback. What it serves comes on
// standard input; a line for each question that the webhook is asked goes to standard output.

import type { IdentitySettings } from "./identity-server.ts";

const { port, tls, jwks, allows } = JSON.parse(await Bun.stdin.text()) as IdentitySettings;
const issuer = `https://127.0.0.1:${port}`;

interface Review {
  readonly apiVersion: string;
  readonly spec: {
    readonly user?: string;
    readonly resourceAttributes?: {
      readonly verb?: string;
      readonly resource?: string;
      readonly namespace?: string;
    };
  };
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port,
  tls,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/.well-known/openid-configuration")
      return Response.json({
        issuer,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ["id_token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
      });
    if (pathname === "/keys") return Response.json(jwks);
    if (pathname !== "/authorize") return new Response("not found", { status: 404 });
    const { apiVersion, spec } = (await request.json()) as Review;
    const { verb = "", resource = "", namespace = "" } = spec.resourceAttributes ?? {};
    const asked = `${spec.user ?? ""} ${verb} ${resource} ${namespace}`;
    console.log(asked);
    return Response.json({
      apiVersion,
      kind: "SubjectAccessReview",
      status: { allowed: allows.includes(asked) },
    });
  },
});
console.log(`serving on ${server.url.host}`);
