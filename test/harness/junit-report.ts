// What bun's JUnit report of a run says: how many tests, and of each one that failed its name and first words.

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** `file: describe > test: what it said`, a line each. */
  readonly failures: readonly string[];
}

export function parseReport(xml: string): Counts {
  const root = /<testsuites[^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name: string): number => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  const skipped = number("skipped");
  return { passed: number("tests") - failed - skipped, failed, skipped, failures: failuresIn(xml) };
}

export function sum(counts: readonly Counts[]): Counts {
  return {
    passed: counts.reduce((total, { passed }) => total + passed, 0),
    failed: counts.reduce((total, { failed }) => total + failed, 0),
    skipped: counts.reduce((total, { skipped }) => total + skipped, 0),
    failures: counts.flatMap(({ failures }) => failures),
  };
}

/** `12 passed, 0 failed`, the form that anybody's CI can read. */
export function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

function failuresIn(xml: string): string[] {
  const cases = xml.matchAll(/<testcase ([^>]*[^/])>\s*<(?:failure|error)\b([^>]*)>/g);
  return [...cases].map(([, testcase = "", failure = ""]) => {
    const [file, suite, name] = ["file", "classname", "name"].map((key) => attribute(testcase, key));
    const said = attribute(failure, "message").split("\n").filter(Boolean).slice(0, 12).join(" ");
    return `${file}: ${suite === "" ? "" : `${suite} > `}${name}: ${said.slice(0, 1000)}`;
  });
}

function attribute(tag: string, name: string): string {
  const text = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#10;", "\n")
    .replaceAll("&amp;", "&");
}
