import { expect, test } from "bun:test";
import { shownObject } from "./shown-object.ts";

test("of what people write only the shape stays", () => {
  const shown = shownObject({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "a",
      managedFields: [{ manager: "x" }],
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration": "hunter2",
        "cni.projectcalico.org/podIP": "10.244.0.2/32",
        note: "hunter2",
      },
    },
    spec: {
      containers: [
        {
          env: [
            { name: "PASSWORD", value: "hunter2" },
            { name: "IP", valueFrom: { fieldRef: { fieldPath: "x" } } },
          ],
          livenessProbe: { httpGet: { httpHeaders: [{ name: "x", value: "hunter2" }] } },
        },
      ],
    },
    data: { key: "hunter2" },
  });
  expect(JSON.stringify(shown)).not.toContain("hunter2");
  expect(shown).toMatchObject({
    metadata: {
      name: "a",
      annotations: { "cni.projectcalico.org/podIP": "10.244.0.2/32", note: "[redacted]" },
    },
    spec: {
      containers: [
        {
          env: [
            { name: "PASSWORD", value: "[redacted]" },
            { name: "IP", valueFrom: {} },
          ],
        },
      ],
    },
    data: { key: "[redacted]" },
  });
  expect(shown).not.toHaveProperty("metadata.managedFields");
});
