import { expect, test } from "bun:test";
import type { LogLine } from "../../host/logs/line.ts";
import { type LogSource, presentSource } from "../../host/logs/source.ts";
import { testIo } from "../core/test-io.ts";
import { showSource } from "./show.ts";

const line = (component: string, at: number): LogLine => ({
  text: `${component} ${at}`,
  time: at,
  component,
});
const past = ["k0s", "etcd", "konnectivity", "etcd", "from-another-release"].map(line);

async function* listed(lines: readonly LogLine[]): AsyncGenerator<LogLine> {
  yield* lines;
}

const source: LogSource = {
  name: "a test",
  lastWritten: async () => 1,
  past: () => listed(past),
  further: () => listed([line("etcd", 10), line("kubelet", 11)]),
};
const all = { component: undefined, follow: false, since: undefined, lines: -1 };
const shown = async (wanted: Partial<Parameters<typeof showSource>[1]>, changes = {}): Promise<string> => {
  const io = testIo(changes);
  await showSource(source, { ...all, ...wanted }, io);
  return io.stdout();
};

test("all lines, those of a component by either of its names, the last ones, and the further ones", async () => {
  expect(await shown({})).toBe(past.map(({ text }) => `${text}\n`).join(""));
  expect(await shown({ component: "etcd" })).toBe("etcd 1\netcd 3\n");
  expect(await shown({ component: "konnectivity-server" })).toBe("konnectivity 2\n");
  expect(await shown({ component: "konnectivity" })).toBe("konnectivity 2\n");
  expect(await shown({ component: "etcd", lines: 1, follow: true })).toBe("etcd 3\netcd 10\n");
  expect(await shown({ lines: 0 })).toBe("");
});

test("a component without a line has nothing to show; one that is misspelt, nor has one, is refused", async () => {
  expect(await shown({ component: "kubelet" })).toBe("");
  expect(await shown({ component: "from-another-release" })).toContain("4");
  expect(shown({ component: "kubelte" })).rejects.toThrow("there is no component kubelte");
});

test("the end of the reader ends it, and a signal is its reason", async () => {
  expect(await shown({ follow: true }, { readerGone: () => true })).toBe("k0s 0\n");
  const stop = new AbortController();
  stop.abort(new Error("ended by SIGINT"));
  expect(shown({}, { signal: stop.signal })).rejects.toThrow("ended by SIGINT");
});

test("where there are two logs, the one that was written to last counts", async () => {
  const at = (time: number | undefined) => ({ time, lastWritten: async () => time });
  expect((await presentSource([at(1), at(3), at(undefined), at(2)]))?.time).toBe(3);
  expect(await presentSource([at(undefined)])).toBeUndefined();
});
