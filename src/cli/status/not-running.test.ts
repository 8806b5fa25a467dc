import { expect, test } from "bun:test";
import { UserError } from "../../std/errors.ts";
import { withService } from "./not-running.ts";

const service = {
  manager: "systemd",
  name: "k0sworker",
  definition: "/etc/systemd/system/k0sworker.service",
  runs: true,
};
const gone = new UserError("no k0s answers on this host", { code: "not-running", hint: "Nothing listens." });
const hint = (changes: object): string => {
  const err = withService(gone, { ...service, ...changes });
  expect(err).toBeInstanceOf(UserError);
  expect((err as UserError).message).toBe(gone.message);
  return (err as UserError).hint ?? "";
};

test("a service that starts, that ends again and again, and that does not run", () => {
  expect(hint({})).toStartWith("systemd has started the service k0sworker. If that was just now, wait");
  expect(hint({ says: "activating (SubState=auto-restart, NRestarts=0)" })).toContain("again and again");
  const often = hint({ says: "activating (SubState=auto-restart, NRestarts=4), enabled at boot" });
  expect(often).toStartWith("systemd starts the service k0sworker again and again: activating (");
  for (const command of ["`k0s doctor`", "`k0s logs`"]) expect(often).toContain(command);
  expect(hint({ runs: false, says: "failed (Result=exit-code)" })).toStartWith(
    "The service k0sworker does not run, systemd says: failed (Result=exit-code). `k0s doctor`",
  );
});

test("without a service, and of anything else, what was said stays", () => {
  expect(withService(gone, undefined)).toBe(gone);
  const silent = new UserError("k0s does not answer within 2s", { code: "no-answer" });
  expect(withService(silent, service)).toBe(silent);
});
