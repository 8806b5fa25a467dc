// What is told where no k0s answers: what the service manager knows of it.

import type { ExaminedService } from "../../host/doctor/examined-node.ts";
import { UserError } from "../../std/errors.ts";

/** `err` with what to do about it; anything but a k0s that does not answer stays as it is. */
export function withService(err: unknown, service: ExaminedService | undefined): unknown {
  if (!(err instanceof UserError) || err.code !== "not-running" || service === undefined) return err;
  return new UserError(err.message, { code: err.code, hint: hintFor(service), cause: err });
}

function hintFor({ manager, name, runs, says }: ExaminedService): string {
  const state = says === undefined ? "" : `: ${says}`;
  if (!runs)
    return `The service ${name} does not run, ${manager} says${state}. \`k0s doctor\` tells why it has ended, if it has; \`k0s start\` starts it.`;
  // systemd alone counts.
  const restarts = Number(/NRestarts=(\d+)/.exec(says ?? "")?.[1] ?? 0);
  if (restarts > 0 || says?.includes("SubState=auto-restart") === true)
    return `${manager} starts the service ${name} again and again${state}. \`k0s doctor\` tells why it ends, \`k0s logs\` what it has said.`;
  return `${manager} has started the service ${name}${state}. If that was just now, wait some seconds; if not, it ends again and again: \`k0s doctor\` tells why, \`k0s logs\` what it has said.`;
}
