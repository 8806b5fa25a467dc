// What a long operation tells the person who waits for it; the command line decides how it looks.

export interface ProgressStep {
  /** The step succeeded; `detail` is a few words that follow its name, e.g. `7 images`. */
  done(detail?: string): void;
  fail(err: unknown): void;
}

export interface Progress {
  /** Starts a named step; several may run at once. */
  step(name: string): ProgressStep;
  /** Says what is being waited for right now; replaces the previous sentence on a terminal. */
  wait(text: string): void;
  /** That it succeeded and how to go on, one or more lines. */
  ready(text: string): void;
}

/** For callers that nobody watches. */
export const silentProgress: Progress = {
  step: () => ({ done: () => undefined, fail: () => undefined }),
  wait: () => undefined,
  ready: () => undefined,
};
