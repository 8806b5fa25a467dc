// What a PKI consists of, as data: every certificate, key pair and kubeconfig with its names, its issuer and its owner.

import type { UserId } from "../os/users.ts";

/** Upstream uses RSA everywhere; which key is which here, and why: docs/adr/0079-keys-and-a-quicker-start.md. */
export type KeyType = "rsa2048" | "p256";

/** A self-signed authority: `<base>.crt` and `<base>.key`. */
export interface CaSpec {
  readonly kind: "ca";
  /** Absolute path without extension. */
  readonly base: string;
  readonly cn: string;
  readonly expiresMs: number;
  readonly keyType: KeyType;
  readonly owner: UserId;
  readonly keyOwner: UserId;
}

/** A certificate for servers and clients: `<base>.crt` and `<base>.key`. */
export interface LeafSpec {
  readonly kind: "leaf";
  readonly base: string;
  /** The `base` of the authority that signs it. */
  readonly ca: string;
  readonly cn: string;
  readonly organizations: readonly string[];
  /** IP addresses and DNS names. */
  readonly sans: readonly string[];
  readonly expiresMs: number;
  readonly keyType: KeyType;
  readonly owner: UserId;
}

/** A bare RSA key pair: `<base>.key` (PKCS#1) and `<base>.pub` (PKIX). */
export interface KeyPairSpec {
  readonly kind: "key-pair";
  readonly base: string;
  readonly owner: UserId;
  readonly publicOwner: UserId;
}

/** A kubeconfig with a leaf's certificate and key in it. */
export interface KubeconfigSpec {
  readonly kind: "kubeconfig";
  readonly path: string;
  readonly ca: string;
  readonly leaf: string;
  readonly server: string;
  /** Further contexts that are in the file stay in it. */
  readonly keepsContexts?: boolean;
  readonly mode: number;
  readonly owner: UserId;
}

export interface DirectorySpec {
  readonly path: string;
  readonly mode: number;
  readonly owner: UserId;
}

export interface PkiSpec {
  readonly directories: readonly DirectorySpec[];
  readonly authorities: readonly CaSpec[];
  readonly leaves: readonly LeafSpec[];
  readonly keyPairs: readonly KeyPairSpec[];
  readonly kubeconfigs: readonly KubeconfigSpec[];
  /** Files of a feature that is switched off. */
  readonly unwanted: readonly string[];
}

/**
 * Where the key of a new authority waits until its certificate is there. So an authority never has a key without a
 * certificate by our doing, and what a killed start left is known to be ours.
 */
export function unfinishedKey(base: string): string {
  return `${base}.key.unfinished`;
}

export const certificateMode = 0o644;
export const keyMode = 0o640;
export const root: UserId = { uid: 0, gid: 0 };

/** The group is always root: only processes in that group read files of others. */
export function ownedBy(user: UserId | undefined): UserId {
  return user === undefined ? root : { uid: user.uid, gid: 0 };
}
