// What `k0s restore` says at its end.

import { isPlainWord, shellWord } from "../../host/service/quote.ts";
import type { BackupNote } from "../../host/backup/note.ts";
import type { KeysToFind } from "../../host/restore/encrypted-secrets.ts";
import type { Restored } from "../../host/restore/restore.ts";
import { shownArguments } from "../../token/shown-arguments.ts";

export function restoredText(
  { note, datastore, keys, unknown }: Restored,
  config: string | undefined,
  kept?: string,
): string {
  const from = note === undefined ? "upstream's k0s" : `${note.node}, k0s ${note.version}, ${note.createdAt}`;
  const lines = [
    `Restored the backup of ${from}.`,
    ...(note === undefined ? [] : [`It was started with: ${commandLine(note)}`]),
    ...(config === undefined
      ? []
      : [`Its configuration is in ${config}: start the controller with it (--config).`]),
    ...(kept === undefined ? [] : [`The file of that name that was there before is ${kept} now.`]),
    ...(datastore.kind === "etcd"
      ? [
          "This is the only member of etcd now: run `k0s reset` on other controllers, and let them join again.",
        ]
      : []),
    ...(datastore.kind === "elsewhere"
      ? ["Its database is elsewhere: restore that with its own tools."]
      : []),
    ...(keys === undefined ? [] : [`Its Secrets are encrypted, or were. ${keysTold[keys]}`]),
    ...(unknown.length === 0 ? [] : [`Not of a backup, and left out: ${unknown.join(", ")}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** As a shell takes it. Of a k0s that wrote it down without its secrets already; an archive may be of anybody. */
function commandLine({ args }: BackupNote): string {
  return shownArguments(args)
    .map((word) => (isPlainWord(word) ? word : shellWord(word)))
    .join(" ");
}

const ring = "The archive has no pki/encryption-ring.json, which names the keys";
const keysTold: Readonly<Record<KeysToFind, string>> = {
  "in-cluster": `${ring}: the controller finds them in ConfigMap kube-system/k0s-secrets-encryption, and cannot read every Secret before.`,
  "not-asked-for": `${ring}, and its configuration does not ask for encryption: set spec.security.secretsEncryption.enabled to true before you start the controller, or it cannot read them.`,
};
