import { expect, test } from "bun:test";
import type { LogLine } from "../../host/logs/line.ts";
import { type LogSource, presentSource, type UnreadSource } from "../../host/logs/source.ts";
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
  latest: () => listed(past.toReversed()),
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
  const io = testIo();
  await showSource(source, { ...all, component: "kubelet" }, io);
  expect(io.stderr()).toBe("No line of kubelet is in a test.\n");
  expect(shown({ component: "kubelte" })).rejects.toThrow("there is no component kubelte");
});

test("the end of the reader ends it, and a signal is its reason", async () => {
  expect(await shown({ follow: true }, { readerGone: () => true })).toBe("k0s 0\n");
  const stop = new AbortController();
  stop.abort(new Error("ended by SIGINT"));
  expect(shown({}, { signal: stop.signal })).rejects.toThrow("ended by SIGINT");
});

test("where there are two logs, the one that was written to last counts", async () => {
  const at = (time: number | undefined) => ({ name: "", time, lastWritten: async () => time });
  const never = new AbortController().signal;
  const noneFails = (): never => expect.unreachable();
  expect((await presentSource([at(1), at(3), at(undefined), at(2)], never, noneFails))?.time).toBe(3);
  expect(await presentSource([at(undefined)], never, noneFails)).toBeUndefined();
});

test("a log that cannot be read counts as one that is not there, unless it is the only one", async () => {
  const well = { name: "well", lastWritten: async () => 1 };
  const fails = {
    name: "fails",
    lastWritten: async (): Promise<number> => {
      throw new Error("a reason");
    },
  };
  const never = new AbortController().signal;
  const told: UnreadSource[] = [];
  const tell = (unread: UnreadSource): void => void told.push(unread);
  expect((await presentSource([fails, well], never, tell))?.name).toBe("well");
  expect(told).toEqual([{ name: "fails", why: "a reason" }]);
  expect(await presentSource([fails], never, tell).catch(String)).toBe("Error: a reason");
});

test("a log that hangs counts as one that is not there, too", async () => {
  const hangs = { name: "hangs", lastWritten: () => new Promise<number>(() => undefined) };
  const well = { name: "well", lastWritten: async () => 1 };
  const told: string[] = [];
  const tell = ({ name }: UnreadSource): void => void told.push(name);
  expect((await presentSource([hangs, well], new AbortController().signal, tell, 10))?.name).toBe("well");
  expect(told).toEqual(["hangs"]);
});

test("a log that hangs is not waited for once the signal says so", async () => {
  const stop = new AbortController();
  const hangs = { name: "hangs", lastWritten: () => new Promise<number>(() => undefined) };
  const finding = presentSource([hangs], stop.signal, () => undefined);
  stop.abort(new Error("ended by SIGINT"));
  expect(await finding.catch(String)).toBe("Error: ended by SIGINT");
});
