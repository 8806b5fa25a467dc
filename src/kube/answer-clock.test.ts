import { expect, test } from "bun:test";
import { answerClock } from "./answer-clock.ts";

test("good answers are noted, refusals and silence are not", async () => {
  let now = 0;
  let answer: () => Promise<Response> = () => Promise.reject(new Error("refused"));
  const clock = answerClock(
    () => ({ fetch: () => answer(), close: () => undefined }),
    () => now,
  );
  const connections = clock.connect("https://10.0.0.1:6443", {});
  const ask = () =>
    Promise.allSettled([connections.fetch("/", { method: "GET", headers: {}, body: null, signal: null })]);
  await ask();
  expect(clock.sinceAnswerMs()).toBe(Number.POSITIVE_INFINITY);
  now = 1_000;
  answer = async () => new Response("{}");
  await ask();
  now = 3_000;
  answer = async () => new Response("", { status: 503 });
  await ask();
  expect(clock.sinceAnswerMs()).toBe(2_000);
});
