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

const metadata = { name: "a" };
const kept = (rest: object): string =>
  JSON.stringify(shownObject({ apiVersion: "v1", kind: "A", metadata, ...rest }));

test("arguments and commands stay as flags' names, in probes and hooks as well", () => {
  const containers = [
    {
      image: "an-image",
      args: ["--requirepass", "hunter2xyz"],
      command: ["a-program", "--key=hunter2"],
      livenessProbe: { exec: { command: ["redis-cli", "-a", "hunter2"] } },
      readinessProbe: { httpGet: { path: "/well?token=hunter2" } },
      lifecycle: { preStop: { exec: { command: ["sh", "-c", "curl hunter2"] } } },
    },
  ];
  const text = kept({ spec: { template: { spec: { initContainers: containers, containers } } } });
  expect(text).not.toContain("hunter2");
  for (const word of ["--requirepass", "a-program", "--key=", "redis-cli", "an-image", "/well"])
    expect(text).toContain(word);
});

test("annotations of people go wherever they stand and whatever their domain", () => {
  const annotations = {
    "kubernetes.io/change-cause": "hunter2",
    "nginx.ingress.kubernetes.io/configuration-snippet": "hunter2",
    "k0s.k0sproject.io/last-applied-configuration": "hunter2",
    "deployment.kubernetes.io/revision": "17",
  };
  const text = kept({
    metadata: { ...metadata, annotations },
    spec: { jobTemplate: { spec: { template: { metadata: { annotations } } } } },
  });
  expect(text).not.toContain("hunter2");
  expect(text).not.toContain("last-applied");
  expect(text.match(/"17"/g)).toHaveLength(2);
});

test("what drivers of storage are told goes, and fields that are named like a secret", () => {
  const text = kept({
    parameters: { pool: "hunter2" },
    spec: {
      csi: { driver: "a-driver", volumeHandle: "a-handle", volumeAttributes: { server: "hunter2" } },
      flexVolume: { driver: "b-driver", options: { share: "hunter2" } },
      auth: "hunter2",
      passwords: ["hunter2"],
      imagePullSecrets: [{ name: "regcred" }],
      volumes: [{ secret: { secretName: "a-secret" } }],
      automountServiceAccountToken: false,
    },
  });
  expect(text).not.toContain("hunter2");
  for (const word of ["a-driver", "a-handle", "b-driver", "regcred", "a-secret", 'Token":false'])
    expect(text).toContain(word);
});
