import { expect, test } from "bun:test";
import { countsLine, parseReport, sum } from "./junit-report.ts";

const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="5" assertions="1" failures="2" skipped="1" time="0.02">
  <testsuite name="a.test.ts" file="a.test.ts" tests="5" assertions="1" failures="2" skipped="1" time="0.01">
    <testcase name="in &quot;q&quot; &amp; b &gt; c" classname="outer &lt;x&gt;" time="0.1" file="a.test.ts" line="2" assertions="1">
      <failure type="AssertionError" message="expect(received).toBe(expected)&#10;&#10;Expected: 2&#10;Received: 1&#10;">long</failure>
    </testcase>
    <testcase name="ok" classname="" time="0.002022" file="a.test.ts" line="2" assertions="0" />
    <testcase name="left out" classname="" time="0" file="a.test.ts" line="4" assertions="0">
      <skipped />
    </testcase>
    <testcase name="flat" classname="" time="0.000099" file="a.test.ts" line="5" assertions="0">
      <failure type="Error" message="x &gt; y">Error: x &gt; y</failure>
    </testcase>
  </testsuite>
</testsuites>`;

test("a report is counted, and what failed is named with its first words", () => {
  const counts = parseReport(report);
  expect(countsLine(counts)).toBe("2 passed, 2 failed, 1 skipped");
  expect(counts.failures).toEqual([
    'a.test.ts: outer <x> > in "q" & b > c: expect(received).toBe(expected) Expected: 2 Received: 1',
    "a.test.ts: flat: x > y",
  ]);
  expect(countsLine(sum([counts, counts]))).toBe("4 passed, 4 failed, 2 skipped");
});
