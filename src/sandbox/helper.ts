// `k0s __sandbox MODE …`: the hidden command behind machines. Its arguments come from our own code only.

import { errorMessage, UserError } from "../std/errors.ts";
import { becomeAnchor } from "./become-anchor.ts";
import { becomeMachine, makeMachine } from "./become-machine.ts";
import { execInMachine } from "./exec-in-machine.ts";
import { openLibc } from "./libc.ts";
import type { MachineSetup } from "./machine-spec.ts";

/** Runs the mode and exits with its code. */
export async function runHelper([mode = "", ...args]: readonly string[]): Promise<never> {
  try {
    process.exit(await runMode(mode, args));
  } catch (err) {
    process.stderr.write(`${errorMessage(err)}\n`);
    process.exit(1);
  }
}

async function runMode(mode: string, args: readonly string[]): Promise<number> {
  const [first = ""] = args;
  switch (mode) {
    case "network":
      return becomeAnchor(openLibc(), first);
    case "machine": {
      const pid = await makeMachine(openLibc(), JSON.parse(first) as MachineSetup);
      process.stdout.write(`${pid}\n`);
      return 0;
    }
    case "inside":
      return becomeMachine(openLibc(), JSON.parse(first) as MachineSetup);
    case "exec":
      return execInMachine(openLibc(), args);
    case "reap": {
      const { removeSandbox } = await import("./remove-sandbox.ts");
      await removeSandbox(first);
      return 0;
    }
    default:
      throw new UserError(`unknown mode ${mode}`);
  }
}
