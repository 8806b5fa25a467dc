/** What this process is putting in place: two that want the same part must not unpack it twice, into two files. */
export type PartsUnderWay = Map<string, PartUnderWay>;

export interface PartUnderWay {
  /** Resolves when the part can be used; it may not be on the disk for good yet. */
  readonly ready: Promise<void>;
}
