// Docker's credential helpers: programs `docker-credential-NAME` in PATH that know passwords so that no file has them.

import * as z from "zod";
import { run } from "../../os/exec.ts";
import { UserError } from "../../std/errors.ts";
import type { Credential } from "./docker-config.ts";

type Known = Exclude<Credential, { kind: "helper" }>;
export type AskHelper = (helper: string, server: string, signal: AbortSignal) => Promise<Known | undefined>;

const answerSchema = z.object({ Username: z.string(), Secret: z.string() });
const patienceMs = 60_000;

/** Undefined: the helper has nothing for this server. Throws a UserError when there is no such helper, or it fails. */
export const askHelper: AskHelper = async (helper, server, signal) => {
  const program = `docker-credential-${helper}`;
  const failure = (why: string, cause?: unknown): UserError =>
    new UserError(`${program} gives no credentials for ${server}: ${why}`, {
      code: "registry-credentials",
      hint: "It is named in Docker's config.json as credHelpers or credsStore; --registries-config names another file.",
      cause,
    });
  if (!/^[\w.-]+$/.test(helper)) throw failure("that is not the name of a program");
  const { code, stdout, stderr } = await run(program, ["get"], {
    input: server,
    signal,
    timeoutMs: patienceMs,
  }).catch((err: unknown) => {
    signal.throwIfAborted();
    throw failure(err instanceof UserError ? "there is no such program in PATH" : "it does not answer", err);
  });
  // It says on standard output what is wrong; a password never stands there then.
  if (code !== 0) {
    const said = `${stdout}\n${stderr}`.trim();
    if (/credentials not found/i.test(said)) return undefined;
    throw failure(said.split("\n", 1)[0] ?? `it ended with code ${code}`);
  }
  const answer = answerSchema.safeParse(jsonOf(stdout));
  if (!answer.success) throw failure("its answer is not understood");
  const { Username: username, Secret: secret } = answer.data;
  return username === "<token>"
    ? { kind: "identity-token", token: secret }
    : { kind: "password", username, password: secret };
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it; its text may hold the secret.
    return undefined;
  }
}
