// Tells when something that should be heard of again and again has fallen silent.

export interface Watchdog {
  /** It was heard of. */
  feed(): void;
  stop(): void;
}

/** Calls `onSilence` when `feed` was not called for `ms`. */
export function watchdog(ms: number, onSilence: () => void): Watchdog {
  let timer = setTimeout(onSilence, ms);
  return {
    feed() {
      clearTimeout(timer);
      timer = setTimeout(onSilence, ms);
    },
    stop: () => clearTimeout(timer),
  };
}
