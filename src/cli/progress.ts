// Shows progress: on a terminal finished steps above one living line, in a pipe one plain line a step.

import { errorMessage } from "../std/errors.ts";
import type { Progress } from "../std/progress.ts";
import { formatSeconds, painter } from "./output.ts";

export interface ScreenOptions {
  readonly write: (text: string) => void;
  /** Whether a living line can be drawn; otherwise plain lines. */
  readonly terminal: boolean;
  readonly columns?: number;
  /** True while the terminal takes nothing: then the living line is left as it is. */
  readonly busy?: () => boolean;
  readonly now?: () => number;
}

export interface Screen {
  readonly progress: Progress;
  /** Writes other text, such as log lines, without tearing the living line. */
  readonly print: (text: string) => void;
  /** Removes the living line and stops its timer. */
  readonly close: () => void;
}

const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const frameMs = 120;
/** In a pipe, what is waited for is worth a line only when it lasts. */
const patienceMs = 10_000;

export function createScreen(options: ScreenOptions): Screen {
  const { write, terminal, columns = 80, now = Date.now, busy = () => false } = options;
  const paint = painter(terminal);
  const running = new Map<symbol, { name: string; since: number }>();
  let waiting = "";
  let drawn = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;

  const erase = (): void => {
    if (drawn) write("\r\u001b[K");
    drawn = false;
  };
  const draw = (): void => {
    if (!terminal || busy() || (running.size === 0 && waiting === "")) return;
    const names = [...running.values()].map((step) => step.name).join(", ");
    const text = [names, waiting].filter((part) => part !== "").join(" · ");
    const oldest = Math.min(now(), ...[...running.values()].map((step) => step.since));
    const frame = frames[Math.floor(now() / frameMs) % frames.length] ?? "";
    const line = `${frame} ${text}  ${formatSeconds(now() - oldest)}`;
    write(`\r\u001b[K${line.slice(0, columns - 1)}`);
    drawn = true;
  };
  const print = (text: string): void => {
    erase();
    write(text);
    if (text.endsWith("\n")) draw();
  };
  const tick = (): void => {
    if (terminal && timer === undefined) {
      timer = setInterval(draw, frameMs);
      timer.unref();
    }
    draw();
  };

  const progress: Progress = {
    step: (name) => {
      const key = Symbol(name);
      const since = now();
      const end = (line: string): void => {
        if (!running.delete(key)) return;
        print(`${line}\n`);
      };
      running.set(key, { name, since });
      tick();
      return {
        done: (detail) => {
          const text = detail === undefined ? name : `${name} (${detail})`;
          end(`${paint("green", "✔")} ${text.padEnd(60)} ${formatSeconds(now() - since).padStart(8)}`);
        },
        fail: (err) => end(`${paint("red", "✖")} ${name}: ${errorMessage(err)}`),
      };
    },
    wait: (text) => {
      if (text === waiting) return;
      waiting = text;
      clearTimeout(patience);
      if (!terminal && text !== "") {
        patience = setTimeout(() => write(`  waiting for ${text}\n`), patienceMs);
        patience.unref();
      }
      tick();
    },
    ready: (text) => {
      waiting = "";
      clearTimeout(patience);
      print(`${text}\n`);
    },
  };

  return {
    progress,
    print,
    close: () => {
      clearInterval(timer);
      clearTimeout(patience);
      timer = undefined;
      running.clear();
      waiting = "";
      erase();
    },
  };
}
