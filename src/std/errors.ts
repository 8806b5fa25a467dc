// UserError is what a person can put right; everything else that is thrown is a bug in k0s and shows its stack.

export interface UserErrorOptions {
  /** What to do next, one sentence, shown on its own line. */
  hint?: string;
  /** Stable identifier for scripts and tests, e.g. `port-in-use`. */
  code?: string;
  cause?: unknown;
}

/** Says what failed and why; `hint` says what to do next. The command line prints it without a stack and exits 1. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly hint: string | undefined;
  readonly code: string;

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.code = options.code ?? "user-error";
  }
}

/** The text of anything thrown. */
export function errorMessage(err: unknown): string {
  return err instanceof Error ? err.message : String(err);
}

/** The errno name (`ENOENT`, `EACCES`, …) of a system error, or undefined. */
export function errno(err: unknown): string | undefined {
  if (typeof err !== "object" || err === null || !("code" in err)) return undefined;
  return typeof err.code === "string" ? err.code : undefined;
}

/** True for "no such file or directory". */
export function isNotFound(err: unknown): boolean {
  return errno(err) === "ENOENT";
}
