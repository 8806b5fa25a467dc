// A PKI in a directory of its own.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOrThrow } from "../../os/exec.ts";
import type { UserId } from "../../os/users.ts";
import type { Logger } from "../../std/log.ts";
import { clusterPkiSpec } from "../cluster-spec.ts";
import type { ClusterPkiInput } from "../cluster-spec.ts";
import { ensurePki } from "../ensure.ts";
import type { PkiStep } from "../plan-steps.ts";

export const day = 86_400_000;
export const year = 365 * day;
export const now = new Date("2026-11-23T12:00:00Z");
export const later = (ms: number): Date => new Date(now.getTime() + ms);

export const users = {
  "kube-apiserver": { uid: 1001, gid: 5 },
  "kube-controller-manager": { uid: 1004, gid: 5 },
  "kube-scheduler": { uid: 1002, gid: 5 },
  etcd: { uid: 1003, gid: 5 },
} satisfies Record<string, UserId>;

export const usersByName: ReadonlyMap<string, UserId> = new Map(Object.entries(users));

export interface PkiFixture {
  readonly dir: string;
  readonly log: Logger;
  readonly warnings: readonly string[];
  ensure(at?: Date, more?: Partial<ClusterPkiInput>): Promise<readonly PkiStep[]>;
  file(name: string): string;
  read(name: string): string;
  exists(name: string): boolean;
  /** Checks certificates strictly, but not against the clock: these tests have their own. */
  verify(ca: string, ...certificates: string[]): Promise<string>;
  remove(): void;
}

export function pkiFixture(dir = mkdtempSync(join(tmpdir(), "k0s-pki-"))): PkiFixture {
  // Modes must come out right whatever the umask.
  const umask = process.umask(0o027);
  const warnings: string[] = [];
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message) => void warnings.push(message),
    error: () => undefined,
    with: () => log,
  };
  const file = (name: string): string => join(dir, name);
  return {
    dir,
    log,
    warnings,
    file,
    read: (name) => readFileSync(file(name), "utf8"),
    exists: (name) => existsSync(file(name)),
    ensure: (at = now, more = {}) => ensurePki(clusterPkiSpec({ ...defaults(dir), ...more }), log, at),
    verify: (ca, ...certificates) =>
      runOrThrow("openssl", ["verify", "-x509_strict", "-no_check_time", "-CAfile", file(ca), ...certificates.map(file)]),
    remove: () => {
      process.umask(umask);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The leaves that were issued, as `name: reason`. */
export function issued(pki: PkiFixture, steps: readonly PkiStep[]): readonly string[] {
  return steps.flatMap((step) =>
    step.action === "issue-leaf" ? [`${step.spec.base.slice(pki.dir.length + 1)}: ${step.reason}`] : [],
  );
}

function defaults(pkiDir: string): ClusterPkiInput {
  return {
    pkiDir,
    sans: ["kubernetes", "10.0.0.1", "fd00::1"],
    server: "https://localhost:6443",
    users: usersByName,
    caExpiresMs: 10 * year,
    leafExpiresMs: year,
    konnectivity: true,
    joinApi: true,
  };
}
