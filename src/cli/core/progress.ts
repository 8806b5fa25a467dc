// Shows progress: on a terminal finished steps above one living line, in a pipe one plain line a step.

import { errorMessage } from "../../std/errors.ts";
import type { Progress } from "../../std/progress.ts";
import { formatSeconds, painter } from "./output.ts";

export interface ScreenOptions {
  readonly write: (text: string) => void;
  /** Whether a living line can be drawn; otherwise plain lines. */
  readonly terminal: boolean;
  readonly columns?: number;
  /** True while the terminal takes nothing: then the living line is left as it is. */
  readonly busy?: () => boolean;
  readonly now?: () => number;
  /** Default 10 s: how often a pipe is told what is waited for. */
  readonly plainEveryMs?: number;
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
/** How often a pipe is told what is waited for, however often it changes in between; after two minutes less often. */
const plainEveryMs = 10_000;
const often = 12;
const rarely = 6;

export function createScreen(options: ScreenOptions): Screen {
  const { write, terminal, columns = 80, now = Date.now, busy = () => false } = options;
  const paint = painter(terminal);
  const running = new Map<symbol, { name: string; since: number }>();
  let waiting = "";
  let drawn = false;
  let timer: ReturnType<typeof setInterval> | undefined;

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
  let ticks = 0;
  /** For logs of services and CI, which have no living line. */
  const say = (): void => {
    if (running.size === 0 && waiting === "") {
      ticks = 0;
      return;
    }
    ticks += 1;
    if (ticks > often && ticks % rarely !== 0) return;
    const steps = [...running.values()];
    const oldest = Math.min(now(), ...steps.map((step) => step.since));
    const what = waiting === "" ? steps.map(({ name }) => name).join(", ") : waiting;
    write(`  waiting for ${what} (${formatSeconds(now() - oldest)})\n`);
  };
  const tick = (): void => {
    if (timer === undefined) {
      timer = terminal ? setInterval(draw, frameMs) : setInterval(say, options.plainEveryMs ?? plainEveryMs);
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
      tick();
    },
    ready: (text) => {
      waiting = "";
      print(`${text}\n`);
    },
  };

  return {
    progress,
    print,
    close: () => {
      clearInterval(timer);
      timer = undefined;
      running.clear();
      waiting = "";
      erase();
    },
  };
}
