// Gets a registry what it asks for: a password, or a token from where it says. Protocol: distribution-spec,
// "Authentication"; docs of distribution, "Token Authentication".

import * as z from "zod";
import { UserError } from "../../std/errors.ts";
import { type BodyPatience, wholeBody } from "./body.ts";
import { parseChallenges } from "./challenge.ts";
import type { Credential } from "./docker-config.ts";
import type { ImageName } from "./image-name.ts";
import type { Send } from "./transport.ts";
import { RegistryTrouble } from "./trouble.ts";

type Known = Exclude<Credential, { kind: "helper" }>;

export interface Authorizer {
  /** The header to send with requests for the repository, as far as it is known. */
  header(name: ImageName): string | undefined;
  /** Answers `WWW-Authenticate`; false: there is nothing that could be sent. */
  answer(name: ImageName, challenge: string, signal: AbortSignal): Promise<boolean>;
}

export interface AuthorizerOptions {
  readonly send: Send;
  readonly plainHttp: boolean;
  readonly credential: (name: ImageName, signal: AbortSignal) => Promise<Known | undefined>;
  /** With a server of tokens; for tests. */
  readonly patience?: BodyPatience;
}

const largestToken = 1 << 20;
const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });

export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const headers = new Map<string, string>();
  const keyOf = ({ registry, repository }: ImageName): string => `${registry}/${repository}`;
  return {
    header: (name) => headers.get(keyOf(name)),
    async answer(name, challenge, signal) {
      const challenges = parseChallenges(challenge);
      const bearer = challenges.find(({ scheme }) => scheme === "bearer");
      const credential = await options.credential(name, signal);
      const header =
        bearer === undefined
          ? basicHeader(challenges.some(({ scheme }) => scheme === "basic") ? credential : undefined)
          : await bearerHeader(options, name, bearer.parameters, credential, signal);
      if (header === undefined) return false;
      headers.set(keyOf(name), header);
      return true;
    },
  };
}

function basicHeader(credential: Known | undefined): string | undefined {
  if (credential?.kind !== "password") return undefined;
  const { username, password } = credential;
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

async function bearerHeader(
  { send, plainHttp, patience }: AuthorizerOptions,
  name: ImageName,
  parameters: Readonly<Record<string, string>>,
  credential: Known | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (credential?.kind === "registry-token") return `Bearer ${credential.token}`;
  const { realm = "", service, scope = `repository:${name.repository}:pull` } = parameters;
  if (!URL.canParse(realm))
    throw new UserError(`${name.registry} asks for a token and does not say where it is had`);
  const url = new URL(realm);
  // A password is never sent in the clear to where an answer says, unless that was asked for.
  if (url.protocol !== "https:" && !plainHttp)
    throw new UserError(`${name.registry} has its tokens at ${url.origin}, which is not HTTPS`, {
      code: "registry-token",
      hint: "--insecure-registries=plain-http allows it.",
    });
  const asked = { ...(service === undefined ? {} : { service }), scope };
  const basic = basicHeader(credential);
  const response =
    credential?.kind === "identity-token"
      ? await send(realm, {
          method: "POST",
          headers: { "content-type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams({
            ...asked,
            grant_type: "refresh_token",
            client_id: "k0s",
            refresh_token: credential.token,
          }).toString(),
          signal,
        })
      : await send(withQuery(url, asked), {
          headers: basic === undefined ? {} : { authorization: basic },
          signal,
        });
  if (response.status === 401 || response.status === 403) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) throw new RegistryTrouble(`${url.host} gives no token: HTTP ${response.status}`);
  const body = { host: url.host, what: `the token of ${url.host}`, mostBytes: largestToken, patience };
  const answer = tokenSchema.safeParse(jsonOf(await wholeBody(response, body)));
  const found = answer.data?.token ?? answer.data?.access_token;
  if (found === undefined) throw new RegistryTrouble(`${url.host} answers without a token`);
  return `Bearer ${found}`;
}

function jsonOf(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    // The schema refuses it; its text may hold the token.
    return undefined;
  }
}

function withQuery(url: URL, parameters: Readonly<Record<string, string>>): string {
  const full = new URL(url);
  for (const [name, value] of Object.entries(parameters)) full.searchParams.set(name, value);
  return full.href;
}
