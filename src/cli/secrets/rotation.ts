// What `k0s secrets rotate-key` does next, of what is known of the encryption of Secrets.

import type { EncryptionReport } from "./report.ts";

/** `ask`: for a new key; `follow`: one is on its way already; `refuse`: there is no key to change. */
export function beginningOf(report: EncryptionReport | undefined): "ask" | "follow" | "refuse" {
  if (report === undefined) return "refuse";
  if (!isDone(report)) return "follow";
  return report.encrypted ? "ask" : "refuse";
}

/** Nothing goes on, and nothing is asked for. */
export function isDone({ phase, requested }: EncryptionReport): boolean {
  return phase === "stable" && requested === undefined;
}
