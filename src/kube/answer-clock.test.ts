import { expect, test } from "bun:test";
import { answerClock } from "./answer-clock.ts";

test("good answers over any connections are noted, refusals and silence are not", async () => {
  let now = 0;
  let answer: () => Promise<Response> = () => Promise.reject(new Error("refused"));
  const clock = answerClock(() => now);
  const connect = () => ({ fetch: () => answer(), close: () => undefined });
  const [one, other] = [connect, connect].map((each) => clock.noting(each)("https://10.0.0.1:6443", {}));
  const ask = (connections: typeof one) =>
    Promise.allSettled([connections?.fetch("/", { method: "GET", headers: {}, body: null, signal: null })]);
  await ask(one);
  expect(clock.sinceAnswerMs()).toBe(Number.POSITIVE_INFINITY);
  now = 1_000;
  answer = async () => new Response("{}");
  await ask(one);
  now = 2_000;
  await ask(other);
  now = 3_000;
  answer = async () => new Response("", { status: 503 });
  await ask(one);
  expect(clock.sinceAnswerMs()).toBe(1_000);
});
