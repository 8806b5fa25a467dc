import { describe, expect, test } from "bun:test";
import { formatBytes } from "./bytes.ts";
import { didYouMean, editDistance } from "./did-you-mean.ts";
import { createLogger, formatLogLine, journalText } from "./logfmt.ts";
import { compareK0sVersions, isK0sVersion, kubernetesMinor } from "./semver-k0s.ts";
import { formatTable } from "./text-table.ts";

describe("log lines", () => {
  const time = new Date(2026, 10, 23, 9, 5, 7);

  test("look like logrus'", () => {
    expect(formatLogLine(time, "warn", "It is late", { stream: "stdout", component: "kubelet", n: 3 })).toBe(
      'time="2026-11-23 09:05:07" level=warning msg="It is late" component=kubelet n=3 stream=stdout\n',
    );
    expect(
      formatLogLine(time, "info", "x", { err: new Error('a "b"'), gone: undefined, list: [1, "a"] }),
    ).toBe('time="2026-11-23 09:05:07" level=info msg=x err="a \\"b\\"" list="[1,\\"a\\"]"\n');
  });

  test("for systemd's journal: the priority instead of the time, at each line", () => {
    const written: string[] = [];
    const log = createLogger({ level: "debug", journal: true, write: (line) => void written.push(line) });
    log.debug("a");
    log.with({ n: 1 }).info("b c");
    log.warn("d", { text: "two\nlines" });
    log.error("e");
    expect(written.join("")).toBe(
      '<7>level=debug msg=a\n<6>level=info msg="b c" n=1\n<4>level=warning msg=d text="two\\nlines"\n<3>level=error msg=e\n',
    );
    expect(journalText("error", "Error: x\n\nhint\n")).toBe("<3>Error: x\n\n<3>hint\n");
  });

  test("carry fields and obey the level", () => {
    const lines: string[] = [];
    const log = createLogger({
      level: "warn",
      write: (line) => lines.push(line),
      fields: { a: 1 },
      now: () => time,
    });
    log.info("dropped");
    log.with({ b: 2 }).error("kept", { c: 3 });
    expect(lines).toEqual(['time="2026-11-23 09:05:07" level=error msg=kept a=1 b=2 c=3\n']);
  });
});

test("sizes", () => {
  const sizes = [0, 512, 1024, 1_500_000, 2_040_109_466, 1024 ** 3 - 1, 5e14, -2048];
  expect(sizes.map(formatBytes)).toEqual([
    "0 B",
    "512 B",
    "1.0 KiB",
    "1.4 MiB",
    "1.9 GiB",
    "1.0 GiB",
    "455 TiB",
    "-2.0 KiB",
  ]);
});

test("did you mean", () => {
  expect(didYouMean("chart", ["charts", "repositories"])).toBe("charts");
  expect(didYouMean("podCdir", ["podCIDR", "serviceCIDR"])).toBe("podCIDR");
  expect(didYouMean("completelyElse", ["podCIDR"])).toBeUndefined();
  expect(didYouMean("x", [])).toBeUndefined();
  expect([editDistance("abc", "acb"), editDistance("", "abc"), editDistance("kitten", "sitting")]).toEqual([
    1, 3, 3,
  ]);
});

test("k0s versions order by build metadata too", () => {
  const ordered = [
    "v1.36.9+k0s.3",
    "v1.37.0-alpha.3+k0s.0",
    "v1.37.0-rc.1+k0s",
    "v1.37.0",
    "v1.37.0+k0s",
    "v1.37.0+k0s.0",
    "v1.37.0+k0s.2",
    "1.37.0+k0s.10",
  ];
  expect(ordered.toReversed().toSorted(compareK0sVersions)).toEqual(ordered);
  expect(compareK0sVersions("v1.37.2+k0s.0", "1.37.2+k0s.0")).toBe(0);
  expect([isK0sVersion("v1.37.2+k0s.0"), isK0sVersion("1.37")]).toEqual([true, false]);
  expect(kubernetesMinor("v1.37.2+k0s.0")).toBe("1.37");
  expect(() => kubernetesMinor("latest")).toThrow('invalid version "latest"');
});

test("tables", () => {
  expect(
    formatTable(
      ["NAME", "AGE"],
      [
        ["etcd", "2m"],
        ["kube-apiserver", ""],
      ],
    ),
  ).toBe("NAME             AGE\netcd             2m\nkube-apiserver\n");
  expect(formatTable([], [])).toBe("");
});
