// One connection for questions that are asked again and again.

export interface KeptConnection<Connection> {
  /**
   * A question that fails over a connection of before is asked once more over a new one, unless the signal has ended it: the other
   * end may be a process that has ended since.
   */
  ask<Answer>(question: (connection: Connection) => Promise<Answer>, signal: AbortSignal): Promise<Answer>;
  /** The next question opens another one. */
  close(): void;
}

export function keptConnection<Connection>(
  open: () => Connection,
  end: (connection: Connection) => void,
): KeptConnection<Connection> {
  let kept: { readonly connection: Connection } | undefined;
  const close = (): void => {
    if (kept !== undefined) end(kept.connection);
    kept = undefined;
  };
  return {
    close,
    async ask(question, signal) {
      const once = async () => {
        kept ??= { connection: open() };
        try {
          return await question(kept.connection);
        } catch (err) {
          close();
          throw err;
        }
      };
      if (kept === undefined) return await once();
      try {
        return await once();
      } catch {
        signal.throwIfAborted();
        return await once();
      }
    },
  };
}
