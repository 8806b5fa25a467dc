// How a chart's repository is reached: what its Chart says of it, and what a Secret adds. Pure.

import type { Secret } from "../../kube/objects/secret.ts";
import { UserError } from "../../std/errors.ts";
import type { ChartRepository } from "./chart.ts";

/** A certificate or key: a file of the host, or its text. */
export type PemSource = { readonly path: string } | { readonly pem: string };

export interface RepositoryAccess {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly ca: PemSource | undefined;
  readonly cert: PemSource | undefined;
  readonly key: PemSource | undefined;
  readonly insecure: boolean;
  /** A registry without TLS. */
  readonly plainHttp: boolean;
}

/** Its fields, which may be there and say nothing. */
type GivenRepository = { readonly [Field in keyof ChartRepository]?: ChartRepository[Field] | undefined };

/** `secret` is that of `configFrom`; each of its keys wins over the field. */
export function repositoryAccess(repository: GivenRepository, secret?: Secret): RepositoryAccess {
  const of = (key: string): string | undefined => {
    const value = secret?.data?.[key];
    return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
  };
  const pem = (key: string, path: string | undefined): PemSource | undefined => {
    const text = of(key);
    if (text !== undefined) return { pem: text };
    return path === undefined || path === "" ? undefined : { path };
  };
  const url = of("url") ?? repository.url ?? "";
  const parsed = URL.parse(url);
  const [urlUser, urlPassword] = [parsed?.username ?? "", parsed?.password ?? ""].map(percentDecoded);
  const given = (text: string | undefined, other = ""): string =>
    text === undefined || text === "" ? other : text;
  return {
    url: withoutUser(url),
    username: given(of("username") ?? repository.username, urlUser),
    password: given(of("password") ?? repository.password, urlPassword),
    ca: pem("ca.crt", repository.caFile),
    cert: pem("tls.crt", repository.certFile),
    key: pem("tls.key", repository.keyFile),
    insecure: flag("insecure", of("insecure")) ?? repository.insecure ?? false,
    plainHttp: flag("plainHTTP", of("plainHTTP")) ?? repository.plainHTTP ?? false,
  };
}

/** Texts that must not be shown. */
export function secretsOf({ username, password, key }: RepositoryAccess): readonly string[] {
  const basic = btoa(String.fromCharCode(...new TextEncoder().encode(`${username}:${password}`)));
  return [password, encodeURIComponent(password), ...(password === "" ? [] : [basic]), ...pemOf(key)].filter(
    (text) => text !== "",
  );
}

function pemOf(source: PemSource | undefined): readonly string[] {
  return source !== undefined && "pem" in source ? [source.pem] : [];
}

function withoutUser(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.username === "" && parsed.password === "")) return url;
  parsed.username = "";
  parsed.password = "";
  return parsed.href;
}

/** A `%` without a code behind it, which `decodeURIComponent` throws at, stays. */
function percentDecoded(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll("+", "%2B").replaceAll("&", "%26")}`).get("text") ?? "";
}

/** As Go's strconv.ParseBool reads it. */
function flag(key: string, text: string | undefined): boolean | undefined {
  const word = text?.trim();
  if (word === undefined || word === "") return undefined;
  if (/^(1|t|true)$/i.test(word)) return true;
  if (/^(0|f|false)$/i.test(word)) return false;
  throw new UserError(`the key ${key} of the repository's Secret is neither true nor false`);
}
