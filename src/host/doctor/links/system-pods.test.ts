import { expect, test } from "bun:test";
import { diagnose } from "../diagnosis.ts";
import { examined, now, whatOf } from "../testdata/examined.ts";
import { type ApiService, isUnavailable, judgeSystemPods, type SystemPodFacts } from "./system-pods.ts";

const facts = (changes: Partial<SystemPodFacts> = {}): SystemPodFacts => ({
  seen: true,
  pods: [],
  unavailable: [],
  unread: [],
  ...changes,
});
const service = (status: string, secondsAgo: number): ApiService => ({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v1beta1.metrics.k8s.io" },
  spec: { service: { name: "metrics-server", namespace: "kube-system" } },
  status: {
    conditions: [
      {
        type: "Available",
        status,
        message: "no response from 10.244.0.3",
        lastTransitionTime: new Date(now.getTime() - secondsAgo * 1000).toISOString(),
      },
    ],
  },
});

test("pods that are ready are well; what the API server does not show is not seen", () => {
  expect(judgeSystemPods(facts(), examined())).toEqual({ state: "well" });
  expect(judgeSystemPods(facts({ seen: false }), examined()).state).toBe("unseen");
});

test("an API of pods counts once it has not been available for a minute", () => {
  expect(isUnavailable(service("True", 99), now)).toBe(false);
  expect(isUnavailable(service("False", 10), now)).toBe(false);
  expect(isUnavailable(service("False", 99), now)).toBe(true);
  expect(isUnavailable({ ...service("False", 99), spec: { service: null } }, now)).toBe(false);
});

test("an API that is not available follows from its pod", () => {
  const pods = [{ text: "system pod metrics-server-x has no image", about: "metrics-server" }];
  const verdict = judgeSystemPods(facts({ pods, unavailable: [service("False", 99)] }), examined());
  const { findings, consequences } = diagnose([{ link: "system pods", verdict }]);
  expect(findings.map(({ what }) => what)).toEqual(["system pod metrics-server-x has no image"]);
  expect(consequences.map(({ finding: { what } }) => what)).toEqual([
    "the API v1beta1.metrics.k8s.io is not available: no response from 10.244.0.3",
  ]);
});

test("what cannot be read is not passed over", () => {
  const unread = ["the list of Pods cannot be read: GET /api/v1/pods: forbidden"];
  expect(whatOf(judgeSystemPods(facts({ unread }), examined()))).toEqual(unread);
});
