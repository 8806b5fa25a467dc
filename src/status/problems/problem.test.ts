import { expect, test } from "bun:test";
import { explainApiFailure } from "../../components/worker-join/api-trouble.ts";
import { KubeConnectionError } from "../../kube/errors.ts";
import { createWaiting } from "../../supervisor/waiting.ts";
import { problemText } from "./problem.ts";
import { waitingProblems } from "./waiting.ts";

test("what can be done is the rest of the sentence, or sentences of its own", () => {
  expect(problemText({ text: "the disk is full", remedy: "free some space" })).toBe(
    "the disk is full; free some space",
  );
  expect(problemText({ text: "no answer", remedy: "Is the address right?" })).toBe(
    "no answer. Is the address right?",
  );
  expect(problemText({ text: "the disk is full" })).toBe("the disk is full");
});

test("a node that waits says what a person can do about it, for as long as it waits", () => {
  const waiting = createWaiting();
  const said = (): string[] => waitingProblems(waiting.reason).map(problemText);
  expect(said()).toEqual([]);
  const server = "https://10.0.0.1:6443";
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const failure = new KubeConnectionError("no answer", refused);
  waiting.because(explainApiFailure(failure, { server, token: undefined }));
  expect(said()).toEqual([
    `cannot reach the API server ${server}: connection refused. Does the controller run, and does it listen on ${server}?`,
  ]);
  waiting.because({
    message: "Port 10250, which kubelet needs, is in use by nc.",
    hint: "Stop that process.",
  });
  expect(said()).toEqual(["Port 10250, which kubelet needs, is in use by nc. Stop that process."]);
  waiting.over();
  expect(said()).toEqual([]);
});
