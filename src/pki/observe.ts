// Reads what PKI files exist. What cannot be read or parsed stops here with the name of the file, before anything is
// changed.

import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readFileIfExists, statIfExists } from "../os/files.ts";
import { errorMessage, UserError } from "../std/errors.ts";
import { normalizeIp } from "../std/ip.ts";
import { anchorOfKey } from "./issuer.ts";
import { publicKeyId } from "./keys.ts";
import { type PkiSpec, unfinishedKey } from "./spec.ts";
import { parseTrust, type TrustBundle } from "../std/trust-bundle.ts";

export interface ObservedCertificate {
  readonly pem: string;
  readonly cn: string;
  readonly organizations: readonly string[];
  readonly issuerCn: string;
  /** Normalised, so that spellings of one IPv6 address are equal. */
  readonly sans: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
  readonly publicKeyId: string;
}

export interface ObservedKey {
  readonly pem: string;
  readonly publicKeyId: string;
}

export interface ObservedPair {
  /** `unparsable` is a file that holds no certificate. */
  readonly certificate?: ObservedCertificate | "unparsable";
  readonly key?: ObservedKey;
  /** Of an authority: the key that an interrupted start has left, see `unfinishedKey`. */
  readonly unfinished?: ObservedKey;
  /** Of an authority: all certificates in its file; `certificate` is the one of its key. */
  readonly trust?: TrustBundle;
  /** Whether the authority that is present now signed it. */
  readonly signedByAuthority: boolean;
}

export interface ObservedFile {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface ObservedPki {
  /** By `base`. */
  readonly pairs: ReadonlyMap<string, ObservedPair>;
  /** By `base`: the `.pub` of key pairs. */
  readonly publicKeys: ReadonlyMap<string, ObservedKey>;
  /** By path. */
  readonly kubeconfigs: ReadonlyMap<string, string>;
  /** By path: everything named by the spec that exists. */
  readonly files: ReadonlyMap<string, ObservedFile>;
}

export async function observePki(spec: PkiSpec): Promise<ObservedPki> {
  const authorities = new Map<string, ObservedPair>();
  await Promise.all(
    spec.authorities.map(async ({ base }) => authorities.set(base, await observeAuthority(base))),
  );
  const leaves = await Promise.all(
    spec.leaves.map(async ({ base, ca }): Promise<[string, ObservedPair]> => [
      base,
      await observePair(base, authorities.get(ca)?.certificate),
    ]),
  );
  const keyPairs = await Promise.all(
    spec.keyPairs.map(async ({ base }): Promise<[string, ObservedPair]> => [
      base,
      withKey(await readKey(`${base}.key`)),
    ]),
  );
  const publicKeys = await collect(
    spec.keyPairs.map(({ base }) => base),
    (base) => readKey(`${base}.pub`, createPublicKey),
  );
  return {
    pairs: new Map([...authorities, ...leaves, ...keyPairs]),
    publicKeys,
    kubeconfigs: await collect(
      spec.kubeconfigs.map(({ path }) => path),
      readText,
    ),
    files: await collect(pathsOf(spec), async (path) => {
      const info = await statIfExists(path);
      return info === undefined ? undefined : { mode: info.mode & 0o7777, uid: info.uid, gid: info.gid };
    }),
  };
}

/** What a certificate says; throws if it is not a certificate. */
export function parseCertificate(pem: string): ObservedCertificate {
  const parsed = new X509Certificate(pem);
  const { subject, issuer } = parsed.toLegacyObject();
  return {
    pem,
    cn: names(subject, "CN")[0] ?? "",
    organizations: names(subject, "O"),
    issuerCn: names(issuer, "CN")[0] ?? "",
    sans: (parsed.subjectAltName ?? "").split(", ").filter(Boolean).map(san),
    notBefore: new Date(parsed.validFrom),
    notAfter: new Date(parsed.validTo),
    isAuthority: parsed.ca,
    publicKeyId: publicKeyId(parsed.publicKey),
  };
}

function names(name: unknown, attribute: string): readonly string[] {
  const value: unknown = typeof name === "object" && name !== null ? Reflect.get(name, attribute) : undefined;
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? [value] : [];
}

async function observeAuthority(base: string): Promise<ObservedPair> {
  const [text, key, unfinished] = await Promise.all([
    readText(`${base}.crt`),
    readKey(`${base}.key`),
    readKey(unfinishedKey(base)),
  ]);
  return {
    ...withKey(key),
    ...(unfinished === undefined ? {} : { unfinished }),
    ...(text === undefined ? {} : authorityIn(text, base, (key ?? unfinished)?.publicKeyId)),
  };
}

/** Others in the file are trusted and sign nothing here. */
function authorityIn(
  text: string,
  base: string,
  keyId: string | undefined,
): Pick<ObservedPair, "certificate" | "trust"> {
  const trust = parsedOr(() => parseTrust(text, `${base}.crt`));
  if (trust === undefined) return { certificate: "unparsable" };
  const issuer = keyId === undefined ? undefined : anchorOfKey(trust, keyId);
  const pem = (issuer ?? trust.anchors[0])?.pem ?? text;
  return { trust, certificate: parsedOr(() => parseCertificate(pem)) ?? "unparsable" };
}

async function observePair(base: string, authority: ObservedPair["certificate"]): Promise<ObservedPair> {
  const [pem, key] = await Promise.all([readText(`${base}.crt`), readKey(`${base}.key`)]);
  const certificate = pem === undefined ? undefined : parsedOr(() => parseCertificate(pem));
  return {
    ...withKey(key),
    ...(pem === undefined ? {} : { certificate: certificate ?? ("unparsable" as const) }),
    signedByAuthority:
      certificate !== undefined && typeof authority === "object" && signed(certificate, authority),
  };
}

function withKey(key: ObservedKey | undefined): ObservedPair {
  return { signedByAuthority: false, ...(key === undefined ? {} : { key }) };
}

function signed(certificate: ObservedCertificate, authority: ObservedCertificate): boolean {
  const issuer = new X509Certificate(authority.pem);
  const parsed = new X509Certificate(certificate.pem);
  return parsed.checkIssued(issuer) && parsed.verify(issuer.publicKey);
}

function parsedOr<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    // Upstream makes a new one in place of what it cannot parse; whether we may is the plan's decision.
    return undefined;
  }
}

async function readKey(
  path: string,
  parse: (pem: string) => KeyObject = createPrivateKey,
): Promise<ObservedKey | undefined> {
  const pem = await readText(path);
  if (pem === undefined) return undefined;
  try {
    return { pem, publicKeyId: publicKeyId(parse(pem)) };
  } catch (err) {
    throw new UserError(`The key file ${path} cannot be used: it holds no PEM key that can be parsed.`, {
      hint: "Put the right file there from a backup, or delete it together with its certificate to have both made anew.",
      code: "bad-key-file",
      cause: err,
    });
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFileIfExists(path);
  } catch (err) {
    throw new UserError(`${path} cannot be read: ${errorMessage(err)}.`, {
      hint: "It must be a regular file that root can read.",
      code: "unreadable-file",
      cause: err,
    });
  }
}

function san(text: string): string {
  const at = text.indexOf(":");
  const value = text.slice(at + 1);
  return text.startsWith("IP Address:") ? normalizeIp(value.toLowerCase()) : value;
}

async function collect<T>(
  keys: readonly string[],
  read: (key: string) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T>> {
  const found = await Promise.all(
    keys.map(async (key): Promise<[string, T | undefined]> => [key, await read(key)]),
  );
  return new Map(found.filter((entry): entry is [string, T] => entry[1] !== undefined));
}

function pathsOf(spec: PkiSpec): readonly string[] {
  return [
    ...spec.directories.map(({ path }) => path),
    ...[...spec.authorities, ...spec.leaves].flatMap(({ base }) => [`${base}.crt`, `${base}.key`]),
    ...spec.authorities.map(({ base }) => unfinishedKey(base)),
    ...spec.keyPairs.flatMap(({ base }) => [`${base}.key`, `${base}.pub`]),
    ...spec.kubeconfigs.map(({ path }) => path),
    ...spec.unwanted,
  ];
}
