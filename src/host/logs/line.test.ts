import { expect, test } from "bun:test";
import { formatJournalLine, formatLogLine } from "../../std/logfmt.ts";
import { readLogLine } from "./line.ts";

const at = new Date(2026, 10, 26, 19, 2, 16);

test("a line that was written is read again", () => {
  const hostile = 'says component=etcd, "component=kine" and \\ more';
  for (const fields of [{}, { component: "kubelet" }, { component: "a b" }]) {
    const text = formatLogLine(at, "warn", hostile, { ...fields, err: 'x component=y "' }).trimEnd();
    const component = fields.component ?? "k0s";
    expect(readLogLine(text, undefined)).toEqual({ text, time: at.getTime(), component });
    const inJournal = formatJournalLine("warn", hostile, fields).trimEnd().slice(3);
    expect(readLogLine(inJournal, 7)).toEqual({ text: inJournal, time: 7, component });
  }
});

test("a line of another form is k0s' own, and as old as the one before", () => {
  for (const text of ["panic: component=etcd", "", 'time="2026-11-26'])
    expect(readLogLine(text, 7)).toEqual({ text, time: 7, component: "k0s" });
});
