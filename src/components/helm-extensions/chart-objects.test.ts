import { expect, test } from "bun:test";
import { helmStack } from "./chart-objects.ts";

const chart = { name: "web", chartname: "own/web", namespace: "shop" };
const repository = { name: "own", url: "https://charts.example" };

test("a Chart for each entry, as upstream names it", () => {
  const [crd, object, ...more] = helmStack({
    concurrencyLevel: 5,
    repositories: [{ ...repository, keyfile: "/key", insecure: false }],
    charts: [{ ...chart, version: "1.x", values: "a: 1", timeout: 90e9, forceUpgrade: false, order: 2 }],
  });
  expect(crd?.metadata.name).toBe("charts.helm.k0sproject.io");
  expect(more).toEqual([]);
  expect(object).toEqual({
    apiVersion: "helm.k0sproject.io/v1beta1",
    kind: "Chart",
    metadata: {
      name: "k0s-addon-chart-web",
      namespace: "kube-system",
      finalizers: ["helm.k0sproject.io/uninstall-helm-release"],
    },
    spec: {
      chartName: "own/web",
      releaseName: "web",
      version: "1.x",
      values: "a: 1",
      namespace: "shop",
      timeout: "1m30s",
      forceUpgrade: false,
      order: 2,
      repository: { url: "https://charts.example", keyFile: "/key" },
    },
  });
});

test("user and password go into a Secret, wherever they stood", () => {
  const inUrl = { name: "oci", url: "oci://u:p@registry.example:5000" };
  const stack = helmStack({
    concurrencyLevel: 5,
    repositories: [{ ...repository, username: "u", password: "hidden" }, inUrl, { ...inUrl, name: "unused" }],
    charts: [chart, { ...chart, name: "two" }, { name: "b", chartname: "own/b", namespace: "c" }],
  });
  const secrets = stack.filter(({ kind }) => kind === "Secret");
  expect(secrets.map(({ data }) => data)).toEqual([{ username: btoa("u"), password: btoa("hidden") }]);
  const charts = stack.filter(({ kind }) => kind === "Chart");
  expect(charts).toHaveLength(3);
  expect(JSON.stringify(charts)).not.toContain("hidden");
  expect(JSON.stringify(charts)).toContain(secrets[0]?.metadata.name ?? "?");
});

test("a registry with the host of a chart is that chart's", () => {
  const [, , object] = helmStack({
    concurrencyLevel: 5,
    repositories: [{ name: "r", url: "oci://u:p@registry.example:5000" }],
    charts: [{ ...chart, chartname: "oci://registry.example:5000/team/web" }],
  });
  expect(object?.["spec"]).toMatchObject({ repository: { url: "oci://registry.example:5000" } });
});
