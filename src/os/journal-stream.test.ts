import { expect, test } from "bun:test";
import { closeSync, fstatSync, openSync } from "node:fs";
import { isJournalStream, leadsToJournal } from "./journal-stream.ts";

test.each([
  ["8:12345", true],
  ["8:12346", false],
  ["9:12345", false],
  ["8:123456", false],
  ["", false],
  [undefined, false],
])("a stream 8:12345 is the one that JOURNAL_STREAM=%j means: %j", (variable, expected) => {
  expect(isJournalStream(variable, { dev: 8n, ino: 12345n })).toBe(expected);
});

test("a descriptor is compared by device and number of its file; one that is closed is none", () => {
  const fd = openSync("/dev/null", "r");
  const { dev, ino } = fstatSync(fd, { bigint: true });
  const env = { JOURNAL_STREAM: `${dev}:${ino}` };
  expect(leadsToJournal(fd, env)).toBe(true);
  expect(leadsToJournal(fd, {})).toBe(false);
  closeSync(fd);
  expect(leadsToJournal(fd, env)).toBe(false);
});
