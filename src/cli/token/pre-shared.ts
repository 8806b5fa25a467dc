// `k0s token pre-shared`: a token and its Secret as files, before there is a cluster. Upstream: cmd/token/preshared.go.

import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defaultApiPort, defaultJoinApiPort } from "../../config/default-ports.ts";
import { writeFileAtomic } from "../../os/files.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { dumpYaml } from "../../std/yaml.ts";
import { newBootstrapSecret } from "../../token/bootstrap-secret.ts";
import { encodeJoinToken } from "../../token/join-token.ts";
import { parseJoinRole } from "../../token/role.ts";
import type { CliIo } from "../core/io.ts";
import { warnOfEndlessToken } from "./warning.ts";
import { parseTrust, type TrustBundle } from "../../std/trust-bundle.ts";

interface PreSharedFlags {
  readonly cert: string;
  readonly url: string;
  readonly role: string;
  readonly out: string;
  readonly valid: number;
}

export async function tokenPreShared(flags: PreSharedFlags, io: CliIo): Promise<void> {
  const role = parseJoinRole(flags.role);
  if (flags.cert === "") throw new UserError("please, provide --cert argument", { code: "usage" });
  if (flags.url === "") throw new UserError("please, provide --url argument", { code: "usage" });
  if (!/^https:\/\/[^/]+/.test(flags.url)) {
    throw new UserError(`--url ${flags.url} is not an https address`, {
      code: "usage",
      hint: `Workers join at https://<ip>:${defaultApiPort}/, controllers at https://<ip>:${defaultJoinApiPort}/.`,
    });
  }
  const ca = await caCertificates(flags.cert);
  const { secret, token, expires } = newBootstrapSecret(role, flags.valid);
  const out = resolve(flags.out);
  // A folder that is there keeps its mode: it may be somebody's.
  await mkdir(out, { recursive: true, mode: 0o700 });
  const text = encodeJoinToken({ server: flags.url, ca, token, role, expires });
  const [id = ""] = token.split(".");
  await writeFileAtomic(join(out, `${secret.metadata.name}.yaml`), dumpYaml(secret), { mode: 0o600 });
  // More people see names than contents: the id is not secret.
  await writeFileAtomic(join(out, `token_${id}`), text, { mode: 0o600 });
  if (flags.valid === 0) warnOfEndlessToken(io);
}

async function caCertificates(path: string): Promise<TrustBundle> {
  const fail = (err: unknown): never => {
    throw new UserError(`error reading certificate: ${path}: ${errorMessage(err)}`, {
      code: "bad-certificate",
      hint: "--cert wants the PEM file of the cluster's CA, e.g. /var/lib/k0s/pki/ca.crt.",
      cause: err,
    });
  };
  const text = await readFile(path, "utf8").catch(fail);
  try {
    return parseTrust(text, path);
  } catch (err) {
    return fail(err);
  }
}
