// Which sandbox a command without a name means: the only one.

import { knownNames, readState, type SandboxState } from "../../sandbox/sandbox-state.ts";
import { requireState } from "../../sandbox/sandbox.ts";
import { UserError } from "../../std/errors.ts";

export async function pickSandbox(name: string | undefined): Promise<SandboxState> {
  if (name !== undefined) return requireState(name);
  const names = await knownNames();
  const [only] = names;
  const state = names.length === 1 && only !== undefined ? await readState(only) : undefined;
  if (state !== undefined) return state;
  throw new UserError(
    names.length === 0 ? "there is no sandbox on this host" : "there are several sandboxes",
    {
      hint: names.length === 0 ? "Make one: k0s sandbox create" : `Name one of ${names.join(", ")}.`,
      code: "no-sandbox",
    },
  );
}
