// Reads the join token from the place that the command line names, and makes sure that it is for this role.

import { open } from "node:fs/promises";
import { errno, UserError } from "../std/errors.ts";
import { decodeJoinToken, type JoinToken } from "./join-token.ts";
import { type JoinRole, userOfRole } from "./role.ts";

/** Where the join token comes from; it is only read once it is needed. */
export type JoinTokenSource =
  | { readonly kind: "value"; readonly token: string; readonly from: "argument" | "environment" }
  | TokenFile;

interface TokenFile {
  readonly kind: "file";
  readonly path: string;
  /** What a pipe has said, which says it once: the token is read before a start, and again at each try to join. */
  said?: string;
}

/** Throws a UserError whose code says what is wrong: `token-file`, `token-garbage`, `token-truncated`, `token-role`. */
export async function readJoinToken(source: JoinTokenSource, role: JoinRole): Promise<JoinToken> {
  const token = await decodeJoinToken(source.kind === "file" ? await textOf(source) : source.token);
  if (token.role === role) return token;
  const [got, wanted] = [userOfRole(token.role), userOfRole(role)];
  throw new UserError(`wrong token type ${got}, expected type: ${wanted}`, {
    code: "token-role",
    hint: `This token is for a ${token.role}. Make one with: k0s token create --role ${role}`,
  });
}

async function textOf(source: TokenFile): Promise<string> {
  if (source.said !== undefined) return source.said;
  const { path } = source;
  const { text, isFile } = await read(path);
  if (text.trim() === "") throw tokenFileError(`the join token file ${path} is empty`);
  if (!isFile) source.said = text;
  return text;
}

async function read(path: string): Promise<{ readonly text: string; readonly isFile: boolean }> {
  // Repeating the name would print the token.
  if (/H4sI[A-Za-z0-9+/=]{8,}/.test(path))
    throw new UserError("--token-file names no file: it was given a join token", {
      code: "token-file",
      hint: "Write the token into a file that only root can read, and name that.",
    });
  try {
    await using file = await open(path);
    return { text: await file.readFile("utf8"), isFile: (await file.stat()).isFile() };
  } catch (err) {
    const why = { ENOENT: "there is no such file", EACCES: "permission denied", EISDIR: "it is a directory" };
    const reason = why[errno(err) as keyof typeof why];
    if (reason === undefined) throw err;
    throw tokenFileError(`cannot read the join token file ${path}: ${reason}`, err);
  }
}

function tokenFileError(message: string, cause?: unknown): UserError {
  return new UserError(message, {
    code: "token-file",
    hint: "This host has not joined a cluster yet and needs one: make it with `k0s token create` on a controller.",
    ...(cause === undefined ? {} : { cause }),
  });
}
