import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { createWaiting, waitingText } from "./waiting.ts";

const steps = fc.array(
  fc.option(fc.constantFrom("connection refused", "no route", "it is busy"), { nil: undefined }),
);

test("every new reason is told once, its end once, and the status has the present one", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const told: string[] = [];
      const waiting = createWaiting({
        what: "the API",
        onReason: ({ message }) => void told.push(message),
        onOver: ({ message }) => void told.push(`over: ${message}`),
      });
      const expected: string[] = [];
      let before: string | undefined;
      for (const reason of all) {
        if (reason === undefined) waiting.over();
        else waiting.because({ message: reason });
        if (reason !== before) expected.push(reason ?? `over: ${before}`);
        before = reason;
        expect(waiting.reason?.message).toBe(reason);
        expect(waitingText(waiting.inspect())).toBe(reason === undefined ? "the API" : `the API (${reason})`);
      }
      expect(told).toEqual(expected);
    }),
  );
});

test("where nothing more is known, the reason is what is waited for", () => {
  const waiting = createWaiting();
  expect(waiting.inspect()).toEqual({});
  waiting.because({ message: "the first controller to answer" });
  expect(waiting.inspect()).toEqual({ waitingFor: "the first controller to answer" });
  expect(waitingText({ waitingBecause: "its disk is full" })).toBe("it (its disk is full)");
});
