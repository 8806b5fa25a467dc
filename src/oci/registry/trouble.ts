// What goes wrong with a registry and may go well in a moment: it is tried again.

/** Its message is for a person; what cannot be reached or answers with an error of its own. */
export class RegistryTrouble extends Error {
  override readonly name = "RegistryTrouble";
  /** How long the server asks us to stay away. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly retryAfter?: string | null } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const seconds = Number.parseInt(options.retryAfter ?? "", 10);
    this.retryAfterMs = seconds >= 0 ? seconds * 1000 : undefined;
  }
}
