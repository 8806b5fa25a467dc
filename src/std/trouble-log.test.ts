import { expect, test } from "bun:test";
import type { Logger, LogLevel } from "./log.ts";
import { troubleLog } from "./trouble-log.ts";

function recorded(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const at =
    (level: LogLevel) =>
    (message: string, fields = {}) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Logger = {
    debug: nothing,
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: () => log,
  };
  return { log, lines };
}
const nothing = (): void => undefined;

test("a trouble is told at once, when its reason changes, once a minute, and when it is over", () => {
  let now = 0;
  const { log, lines } = recorded();
  const troubles = troubleLog({ log, failing: "Fails", recovered: "Works", now: () => now });
  for (let second = 0; second < 100; second++) {
    now = second * 1_000;
    troubles.failed(new Error(second < 90 ? "refused" : "forbidden"));
  }
  troubles.worked();
  troubles.worked();
  expect(lines).toEqual([
    'warn Fails {"err":"refused","failures":1}',
    'warn Fails {"err":"refused","failures":61}',
    'warn Fails {"err":"forbidden","failures":91}',
    'info Works {"failures":100}',
  ]);
});

test("what the next tries cure is not told at all", () => {
  const { log, lines } = recorded();
  const troubles = troubleLog({ log, failing: "Fails", recovered: "Works", quietFailures: 2 });
  troubles.failed(new Error("x"));
  troubles.failed(new Error("x"));
  troubles.worked();
  expect(lines).toEqual([]);
  for (let index = 0; index < 3; index++) troubles.failed(new Error("x"));
  expect(lines).toHaveLength(1);
});

test("what is not up yet is not told however long it lasts, and leaves other failures their tries", () => {
  const { log, lines } = recorded();
  const isQuiet = (err: unknown): boolean => err instanceof Error && err.message === "refused";
  const troubles = troubleLog({ log, failing: "Fails", recovered: "Works", quietFailures: 1, isQuiet });
  for (let index = 0; index < 20; index++) troubles.failed(new Error("refused"));
  troubles.failed(new Error("forbidden"));
  expect(lines).toEqual([]);
  troubles.failed(new Error("forbidden"));
  troubles.worked();
  troubles.failed(new Error("forbidden"));
  expect(lines).toEqual(['warn Fails {"err":"forbidden","failures":22}', 'info Works {"failures":22}']);
});
