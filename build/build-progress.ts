// How a build shows what it does: one line a step with its time; on a terminal also the running step, live.

import type { Progress, ProgressStep } from "../src/std/progress.ts";
import { formatDuration } from "./format.ts";

export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** In a pipe, a step that takes long says so: silence looks like a hang. */
const quietNoticeMs = 60_000;

export function buildProgress(output: ProgressOutput): Progress & { close(): void } {
  const running = new Map<symbol, { name: string; started: number; told: number }>();
  const terminal = output.isTTY === true;
  let waiting = "";
  let frame = 0;

  const clear = (): void => void (terminal && output.write("\r\u001b[K"));
  const line = (text: string): void => {
    clear();
    output.write(`${text}\n`);
  };
  const draw = (): void => {
    const now = performance.now();
    if (!terminal) {
      for (const step of running.values()) {
        if (now - step.told < quietNoticeMs) continue;
        step.told = now;
        line(`  … ${step.name}: still running after ${formatDuration(now - step.started)}`);
      }
      return;
    }
    const steps = [...running.values()].map((step) => `${step.name} ${formatDuration(now - step.started)}`);
    const text = [...steps, waiting].filter((part) => part !== "").join(" · ");
    frame = (frame + 1) % frames.length;
    clear();
    if (text !== "") output.write(`${frames[frame]} ${text}`.slice(0, (output.columns ?? 80) - 1));
  };
  const timer = setInterval(draw, terminal ? 120 : 5000);
  timer.unref();

  return {
    step(name: string): ProgressStep {
      const key = Symbol(name);
      const started = performance.now();
      running.set(key, { name, started, told: started });
      const end = (mark: string, detail: string): void => {
        running.delete(key);
        line(`${mark} ${name}${detail === "" ? "" : `: ${detail}`}`);
      };
      return {
        done: (detail = `done in ${formatDuration(performance.now() - started)}`) => end("✔", detail),
        // The error itself is printed once, at the end, by the code that catches it.
        fail: () => end("✘", `failed after ${formatDuration(performance.now() - started)}`),
      };
    },
    wait(text) {
      waiting = text;
    },
    ready(text) {
      line(text);
    },
    close() {
      clearInterval(timer);
      clear();
    },
  };
}
