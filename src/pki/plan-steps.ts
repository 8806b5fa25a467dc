// What a PKI plan is made of.

import type { UserId } from "../os/users.ts";
import type { KeyAndCertificate } from "./issue.ts";
import type { CaSpec, DirectorySpec, KeyPairSpec, KubeconfigSpec, LeafSpec } from "./spec.ts";

export type PkiStep =
  | { readonly action: "keep"; readonly base: string; readonly warning?: string }
  | { readonly action: "create-directory"; readonly directory: DirectorySpec }
  | { readonly action: "create-ca"; readonly spec: CaSpec }
  /** Its certificate is there, and its key under the name of an unfinished one. */
  | { readonly action: "finish-ca"; readonly spec: CaSpec; readonly pair: KeyAndCertificate }
  | { readonly action: "issue-leaf"; readonly spec: LeafSpec; readonly reason: LeafReason }
  | { readonly action: "create-key-pair"; readonly spec: KeyPairSpec }
  | { readonly action: "write-public-key"; readonly spec: KeyPairSpec; readonly keyPem: string }
  | { readonly action: "write-kubeconfig"; readonly spec: KubeconfigSpec }
  | { readonly action: "remove"; readonly path: string }
  | FileOwnershipStep;

export type LeafReason =
  | "missing"
  | "unparsable"
  | "key-mismatch"
  | "other-issuer"
  | "subject-changed"
  | "names-changed"
  | "ages";

export interface FileOwnershipStep {
  readonly action: "set-ownership";
  readonly path: string;
  readonly mode: number;
  readonly owner: UserId;
}
