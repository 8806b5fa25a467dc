// Progress as lines of JSON: how one k0s program follows another.

import { errorMessage } from "./errors.ts";
import type { Progress } from "./progress.ts";

/** In the environment it asks a node for these lines on standard error instead of words for people. */
export const progressLinesVariable = "_K0S_PROGRESS_LINES";

export type ProgressLine =
  | { readonly kind: "step"; readonly id: number; readonly text: string }
  | { readonly kind: "done"; readonly id: number; readonly text: string }
  | { readonly kind: "fail"; readonly id: number; readonly text: string }
  | { readonly kind: "wait"; readonly text: string }
  | { readonly kind: "ready"; readonly text: string };

export function progressLines(write: (text: string) => void): Progress {
  const say = (line: ProgressLine): void => write(`${JSON.stringify(line)}\n`);
  let last = 0;
  return {
    step: (text) => {
      last += 1;
      const id = last;
      say({ kind: "step", id, text });
      return {
        done: (detail) => say({ kind: "done", id, text: detail ?? "" }),
        fail: (err) => say({ kind: "fail", id, text: errorMessage(err) }),
      };
    },
    wait: (text) => say({ kind: "wait", text }),
    ready: (text) => say({ kind: "ready", text }),
  };
}

/** Undefined for a line of words. */
export function parseProgressLine(line: string): ProgressLine | undefined {
  if (!line.startsWith('{"kind":')) return undefined;
  return JSON.parse(line) as ProgressLine;
}
