// How k0s is started: in which role, with which token and arguments.

export interface K0sStart {
  readonly role: "controller" | "worker";
  readonly args?: readonly string[];
  /** Absent: a cluster of its own, or one that the host belongs to. */
  readonly token?: string | undefined;
  /** How the token is given; default: in a file. */
  readonly tokenBy?: "file" | "argument" | "variable";
  /** Beside PATH, HOME and LANG. */
  readonly env?: Readonly<Record<string, string>>;
  /** What comes before `k0s` on the command line: a program that becomes it, or that has it beneath. */
  readonly through?: readonly string[];
  /** Names the log; default: `k0s`. */
  readonly log?: string;
}

/** Where a join token lies on a machine. */
export const tokenFile = "/root/token";

interface K0sCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function commandOf(start: K0sStart): K0sCommand {
  const { role, args = [], token, tokenBy = "file", env = {}, through = [] } = start;
  const withArgs = (...tokenArgs: readonly string[]): readonly string[] => [
    ...through,
    "k0s",
    role,
    ...tokenArgs,
    ...args,
  ];
  if (token === undefined) return { argv: withArgs(), env };
  if (tokenBy === "file") return { argv: withArgs("--token-file", tokenFile), env };
  if (tokenBy === "argument") return { argv: withArgs(token), env };
  return { argv: withArgs(), env: { ...env, K0S_TOKEN: token } };
}
