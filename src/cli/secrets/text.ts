// The encryption of Secrets in words.

import {
  controllerLeaseName,
  controllerLeaseNamespace,
} from "../../components/controller-leases/component.ts";
import { plain } from "../../components/secrets-encryption/ring.ts";
import { formatTable } from "../../std/text-table.ts";
import type { EncryptionReport } from "./report.ts";

const words: Readonly<Record<EncryptionReport["phase"], string>> = {
  reading: "all controllers learn to read the new key",
  writing: "all controllers begin to write with the new key",
  rewriting: "every Secret is written again",
  removing: "the old key is taken away",
  stable: "nothing goes on",
};

export function phaseText({ phase, target, waitingFor }: EncryptionReport): string {
  const text = target === plain ? (plainWords[phase] ?? words[phase]) : words[phase];
  return waitingFor.length === 0 ? text : `${text}; waiting for ${waitingFor.join(", ")}`;
}

const plainWords: Partial<Record<EncryptionReport["phase"], string>> = {
  reading: "encryption is turned off: all controllers learn to read plain Secrets",
  writing: "encryption is turned off: all controllers begin to write plain Secrets",
};

export function encryptionText(report: EncryptionReport): string {
  const lines = [
    ["Secrets", report.encrypted ? `encrypted with ${report.key}` : "written as they are"],
    ["Reads", report.reads.map((name) => (name === plain ? "plain" : name)).join(", ")],
    ["Now", `${phaseText(report)} (since ${report.since})`],
    ...(report.rewritten === undefined
      ? []
      : [["Written again", `${report.rewritten} Secrets, by the last change`]]),
    ...(report.requested === undefined ? [] : [["Asked for", "another key"]]),
  ];
  const width = Math.max(...lines.map(([label = ""]) => label.length)) + 2;
  const rows = report.controllers.map(({ name, revision }) => [
    name,
    revision === undefined ? "has not said anything yet" : revision === report.revision ? "yes" : "not yet",
  ]);
  const awaited =
    report.waitingFor.length === 0
      ? []
      : [
          `\nOne that is gone for good is not waited for after \`k0s etcd leave --peer-address ADDRESS\`, or once its lease ${controllerLeaseName("NAME")} in ${controllerLeaseNamespace} is deleted.\n`,
        ];
  return [
    ...lines.map(([label = "", text]) => `${label.padEnd(width)}${text}\n`),
    "\n",
    formatTable(["CONTROLLER", "HAS THIS ORDER"], rows),
    ...awaited,
  ].join("");
}
