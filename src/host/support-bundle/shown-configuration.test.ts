import { expect, test } from "bun:test";
import { shownConfiguration } from "./shown-configuration.ts";

test("values of Helm charts go, and those of a worker profile stay", () => {
  const shown = shownConfiguration({
    spec: {
      workerProfiles: [{ name: "a", values: { maxPods: 5 } }],
      extensions: {
        helm: { Charts: [{ name: "b", values: "hunter: hunter2", Values: { hunter: "hunter2" } }] },
      },
      storage: { kine: { dataSource: "postgres://k0s:hunter2@db/k0s" } },
    },
  });
  const text = JSON.stringify(shown);
  expect(text).not.toContain("hunter2");
  expect(text).toContain('"maxPods":5');
  expect(text).toContain('"name":"b"');
});
