// `k0s secrets rotate-key`: asks for it, and follows what the leading controller does. Upstream does not have it.

import { requestRotation } from "../../components/secrets-encryption/shared-state.ts";
import type { KubeClient } from "../../kube/client.ts";
import { UserError } from "../../std/errors.ts";
import { sleep } from "../../std/wait.ts";
import { adminClient } from "../core/admin-client.ts";
import { askServer } from "../core/ask-server.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { encryptionReport, type EncryptionReport } from "./report.ts";
import { beginningOf, isDone } from "./rotation.ts";
import { phaseText } from "./text.ts";

interface Flags {
  readonly dataDir: string;
  readonly statusSocket: string;
}

const lookMs = 1_000;
/** Without any answer before the command gives up: an API server that starts again meanwhile needs its time. */
const patienceMs = 120_000;

export async function rotateKey(flags: Flags, io: CliIo): Promise<number> {
  const client = await adminClient(await livePaths(flags, io));
  const before = await askServer((signal) => encryptionReport(client, signal), io);
  const beginning = beginningOf(before);
  if (before === undefined || beginning === "refuse")
    throw new UserError("Secrets are not encrypted in this cluster, so there is no key to change", {
      code: "not-encrypted",
      hint: "Set spec.security.secretsEncryption.enabled in k0s.yaml of every controller, and start them again.",
    });
  if (beginning === "ask")
    await askServer((signal) => requestRotation(client, crypto.randomUUID(), signal), io);
  else io.err("A change of keys is under way already, waiting for its end\n");
  const done = await followed(client, before, io);
  io.out(`Secrets are encrypted with ${done.key}: ${done.rewritten ?? 0} were written again\n`);
  return 0;
}

/** Until nothing goes on, and what was asked for is done. */
async function followed(client: KubeClient, before: EncryptionReport, io: CliIo): Promise<EncryptionReport> {
  let told: string | undefined;
  let answeredAt = performance.now();
  while (true) {
    io.signal.throwIfAborted();
    try {
      const now = (await askServer((signal) => encryptionReport(client, signal), io)) ?? before;
      answeredAt = performance.now();
      if (isDone(now)) return now;
      const text = phaseText(now);
      if (text !== told && now.phase !== "stable") io.err(`${text}\n`);
      told = text;
    } catch (err) {
      if (io.signal.aborted || performance.now() - answeredAt > patienceMs) throw err;
    }
    await sleep(lookMs, io.signal);
  }
}
