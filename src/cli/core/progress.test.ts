import { expect, test } from "bun:test";
import { createScreen } from "./progress.ts";

function screen(terminal: boolean) {
  let text = "";
  let time = 0;
  const made = createScreen({ write: (part) => void (text += part), terminal, columns: 40, now: () => time });
  return { ...made, text: () => text, pass: (ms: number) => void (time += ms) };
}

test("in a pipe every step is one plain line", () => {
  const { progress, text, pass, close } = screen(false);
  const step = progress.step("machine demo");
  progress.wait("kubelet");
  pass(1900);
  step.done("10.200.0.2");
  progress.step("node").fail(new Error("no luck"));
  progress.ready("ready");
  close();
  expect(text()).toBe(`✔ ${"machine demo (10.200.0.2)".padEnd(60)}    1.9 s\n✖ node: no luck\nready\n`);
});

test("a step ends once", () => {
  const { progress, text, close } = screen(false);
  const step = progress.step("a");
  step.done();
  step.fail(new Error("late"));
  close();
  expect(text().split("\n")).toHaveLength(2);
});

test("on a terminal log lines do not tear the living line", () => {
  const { progress, print, text, close } = screen(true);
  progress.step("a");
  print("log line\n");
  close();
  const lines = text().split("\r\u001b[K");
  expect(lines.some((line) => line.startsWith("log line\n"))).toBe(true);
  expect(lines.at(-1)).toBe("");
  expect(lines.every((line) => Bun.stringWidth(line) < 40)).toBe(true);
});

test("in a pipe what is waited for is said again and again, also when it changes all the time", async () => {
  let text = "";
  const { progress, close } = createScreen({
    write: (part) => void (text += part),
    terminal: false,
    plainEveryMs: 20,
  });
  const step = progress.step("machine");
  for (let n = 0; n < 400 && !text.includes("machine"); n++) await Bun.sleep(5);
  for (let n = 0; n < 400 && !text.includes("kubelet"); n++) {
    progress.wait(`kubelet ${n}`);
    await Bun.sleep(5);
  }
  step.done();
  progress.wait("");
  const said = text;
  await Bun.sleep(60);
  close();
  expect(text).toBe(said);
  expect(said).toMatch(/^ {2}waiting for machine \(/);
  expect(said).toMatch(/^ {2}waiting for kubelet \d+ \(/m);
});
