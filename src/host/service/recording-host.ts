// A host for unit tests: keeps files and links in memory, and notes which commands it is told.

import { basename, dirname } from "node:path";
import type { Answer, HostCommand } from "./definition.ts";
import type { ServiceHost } from "./effects.ts";

export interface RecordingHost extends ServiceHost {
  readonly files: Map<string, string>;
  readonly links: Map<string, string>;
  readonly ran: string[];
  /** Files whose stale temporaries were removed. */
  readonly cleaned: string[];
}

type Answers = Readonly<Record<string, Partial<Answer> | readonly Partial<Answer>[]>>;

/** Every command succeeds without a word if `answers` does not say otherwise; of a list the last answer stays. */
export function recordingHost(answers: Answers = {}): RecordingHost {
  const asked = new Map<string, number>();
  const files = new Map<string, string>();
  const links = new Map<string, string>();
  const ran: string[] = [];
  const cleaned: string[] = [];
  return {
    files,
    links,
    ran,
    cleaned,
    read: async (path) => files.get(path),
    exists: async (path) => files.has(path) || links.has(path) || path.includes("/supervise/"),
    write: async ({ path, text }) => void files.set(path, text),
    names: async (directory) =>
      [...files.keys(), ...links.keys()]
        .filter((path) => dirname(path) === directory)
        .map((path) => basename(path)),
    linkTarget: async (path) => links.get(path),
    link: async ({ path, target }) => void links.set(path, target),
    remove: async (path) => {
      files.delete(path);
      links.delete(path);
    },
    removeTree: async (path) => void ran.push(`rm -r ${path}`),
    removeDirectory: async (path) => void ran.push(`rmdir ${path}`),
    removeTemporaries: async (path) => void cleaned.push(path),
    runAnyway: async (words) => {
      ran.push(`anyway: ${words.join(" ")}`);
      return { code: 1, stdout: "", stderr: "not there" };
    },
    run: async (words: HostCommand) => {
      const line = words.join(" ");
      ran.push(line);
      const said = [answers[line] ?? {}].flat();
      const turn = asked.get(line) ?? 0;
      asked.set(line, turn + 1);
      return { code: 0, stdout: "", stderr: "", ...said[Math.min(turn, said.length - 1)] };
    },
  };
}
