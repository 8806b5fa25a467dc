// `k0s secrets status`. Upstream does not have it.

import { dumpYaml } from "../../std/yaml.ts";
import { adminClient } from "../core/admin-client.ts";
import { askServer } from "../core/ask-server.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { printJson } from "../core/output.ts";
import { encryptionReport } from "./report.ts";
import { encryptionText } from "./text.ts";

interface Flags {
  readonly dataDir: string;
  readonly statusSocket: string;
  readonly out: string;
}

export async function secretsStatus(flags: Flags, io: CliIo): Promise<number> {
  const client = await adminClient(await livePaths(flags, io));
  const report = await askServer((signal) => encryptionReport(client, signal), io);
  const data = report ?? { encrypted: false };
  if (flags.out === "json") printJson(io, data);
  else if (flags.out === "yaml") io.out(dumpYaml(data));
  else
    io.out(
      report === undefined ? "Secrets are written as they are: docs/hardening.md\n" : encryptionText(report),
    );
  return flags.out !== "text" || report === undefined || report.phase === "stable" ? 0 : 1;
}
