// How far this host has come in joining: `<data>/join-state.json`. Without it a host that lost its etcd data, or that was
// killed between taking over the cluster's CA and becoming a member, would start a second cluster under the same CA.

import { join } from "node:path";
import * as z from "zod";
import { readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { UserError } from "../../std/errors.ts";
import { parsedJson } from "../../std/json.ts";

const schema = z.object({
  /** `joining`: begun and not finished. `member`: belongs to a cluster, made or joined. */
  phase: z.enum(["joining", "member"]),
  /** The join API it joined through; absent where the cluster was made. */
  server: z.string().optional(),
});

export type JoinState = z.infer<typeof schema>;

/** Throws a UserError for a damaged file: taking it for "never joined" could make a second cluster. */
export async function readJoinState(dataDir: string): Promise<JoinState | undefined> {
  const path = pathIn(dataDir);
  const text = await readFileIfExists(path);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  throw new UserError(`${path} cannot be understood: it should say how far this host has joined a cluster`, {
    code: "join-state-unreadable",
    hint: `If this host has been a member of its cluster, write {"phase":"member"} into it. If it never finished joining, write {"phase":"joining"} and start it with a join token. To begin from nothing, run \`k0s reset\`.`,
  });
}

export async function writeJoinState(dataDir: string, state: JoinState): Promise<void> {
  await writeFileAtomic(pathIn(dataDir), `${JSON.stringify(state)}\n`, { mode: 0o600 });
}

function pathIn(dataDir: string): string {
  return join(dataDir, "join-state.json");
}
