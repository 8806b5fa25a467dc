// `k0s sandbox delete`.

import { removeSandbox, removeStaleSandboxes, staleNames } from "../../sandbox/remove-sandbox.ts";
import { checkName } from "../../sandbox/sandbox-name.ts";
import { knownNames, lookAtState } from "../../sandbox/sandbox-state.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { formatSeconds } from "../core/output.ts";
import { requireRoot } from "../core/require-root.ts";
import { pickSandbox } from "./pick.ts";

export async function sandboxDelete(
  flags: { readonly all: boolean },
  name: string | undefined,
  io: CliIo,
): Promise<void> {
  requireRoot(io);
  if (flags.all && name !== undefined) throw new UserError("give a name or --all, not both");
  const started = performance.now();
  for (const one of await namesToDelete(flags.all, name)) {
    await removeSandbox(one, io.signal);
    io.err(
      `✔ removed sandbox ${one} in ${formatSeconds(performance.now() - started)}; nothing of it is left\n`,
    );
  }
  await removeStaleSandboxes(io.signal);
}

async function namesToDelete(all: boolean, name: string | undefined): Promise<string[]> {
  if (all) return knownNames();
  // What is half made or half gone has no state that could be read, but must go all the same.
  if (name !== undefined && (await hasLeftovers(name))) return [name];
  return [(await pickSandbox(name)).name];
}

async function hasLeftovers(name: string): Promise<boolean> {
  checkName(name, "sandbox");
  return (await lookAtState(name)).kind === "unusable" || (await staleNames()).includes(name);
}
