import { expect, test } from "bun:test";
import { UserError } from "../../std/errors.ts";
import { askServer } from "./ask-server.ts";
import { testIo } from "./test-io.ts";

const failureOf = (ask: () => Promise<unknown>): Promise<unknown> =>
  askServer(ask, testIo()).catch((err: unknown) => err);

test("a server that cannot be reached is told in words, with what to do", async () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6443"), { code: "ECONNREFUSED" });
  expect(await failureOf(() => Promise.reject(refused))).toMatchObject({
    code: "api-unavailable",
    message: expect.stringMatching(/^the API server does not answer: /),
    hint: "`k0s status` shows how far it is.",
    cause: refused,
  });
});

test("what a user can put right is told as it is, and an answer comes back", async () => {
  const own = new UserError("there is no such stack");
  expect(await failureOf(() => Promise.reject(own))).toBe(own);
  expect(await askServer(() => Promise.resolve(4711), testIo())).toBe(4711);
});

test("a server that says nothing is not awaited for ever", async () => {
  const silent = new Promise<never>(() => undefined);
  const err: unknown = await askServer(() => silent, testIo(), 20).catch((reason: unknown) => reason);
  expect(err).toMatchObject({
    code: "no-answer",
    message: "the API server of this host did not answer within 20ms",
  });
});
