// How far this host has come in joining: `<data>/join-state.json`. Without it a host that lost its etcd data, or that was
// killed between taking over the cluster's CA and becoming a member, would start a second cluster under the same CA.

import { join } from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFileAtomic } from "../os/files.ts";

const schema = z.object({
  /** `joining`: begun and not finished. `member`: belongs to a cluster, made or joined. */
  phase: z.enum(["joining", "member"]),
  /** The join API it joined through; absent where the cluster was made. */
  server: z.string().optional(),
});

export type JoinState = z.infer<typeof schema>;

export async function readJoinState(dataDir: string): Promise<JoinState | undefined> {
  const text = await readFileIfExists(pathIn(dataDir));
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

export async function writeJoinState(dataDir: string, state: JoinState): Promise<void> {
  await writeFileAtomic(pathIn(dataDir), `${JSON.stringify(state)}\n`, { mode: 0o600 });
}

function pathIn(dataDir: string): string {
  return join(dataDir, "join-state.json");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Written atomically: only a person can have broken it, and then it says nothing.
    return undefined;
  }
}
