import { expect, test } from "bun:test";
import { journalLine } from "./journal.ts";

const entry = {
  __CURSOR: "s=1;i=2",
  __REALTIME_TIMESTAMP: String(new Date(2026, 10, 26, 19, 2, 16).getTime() * 1_000 + 5),
  PRIORITY: "4",
  SYSLOG_IDENTIFIER: "k0s",
  _SYSTEMD_UNIT: "k0scontroller.service",
};
const textOf = (more: Readonly<Record<string, unknown>>): string =>
  journalLine(JSON.stringify({ ...entry, ...more })).line.text;

test("a line of the journal looks like one of a file", () => {
  const MESSAGE = 'level=warning msg="a line" component=etcd';
  expect(journalLine(JSON.stringify({ ...entry, MESSAGE }))).toEqual({
    cursor: "s=1;i=2",
    line: {
      text: `time="2026-11-26 19:02:16" ${MESSAGE}`,
      time: new Date(2026, 10, 26, 19, 2, 16).getTime(),
      component: "etcd",
    },
  });
});

test("what k0s' last words were, what is not text, and what systemd says of the service", () => {
  expect(textOf({ MESSAGE: "Error: no" })).toBe('time="2026-11-26 19:02:16" Error: no');
  expect(textOf({ MESSAGE: [...Buffer.from("é\u0001")] })).toBe('time="2026-11-26 19:02:16" é\u0001');
  expect(textOf({ MESSAGE: null })).toBe('time="2026-11-26 19:02:16" ');
  expect(textOf({ MESSAGE: "Stopped k0s.", _SYSTEMD_UNIT: "init.scope", SYSLOG_IDENTIFIER: "systemd" })).toBe(
    'time="2026-11-26 19:02:16" level=warning msg="Stopped k0s." from=systemd',
  );
});
