import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { KubeError } from "../../kube/errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import { errorMessage } from "../../std/errors.ts";
import { dumpYaml } from "../../std/yaml.ts";
import { type Logged, recordingLog } from "../../supervisor/testdata/recording-log.ts";
import { fakeApiServer } from "../testdata/fake-api-server.ts";
import type { Patches } from "./patch-objects.ts";
import { tryPatches } from "./patch-trial.ts";

const path = "spec.network.coreDNS.patches";
const schema = clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });
const objectOf = (name: string): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "kube-system" },
  spec: { replicas: 1 },
});
const objects = [objectOf("coredns"), objectOf("other")];

const patchesOf = (...entries: (readonly [name: string, content: unknown])[]): Patches => {
  const patches = entries.map(([name, content]) => ({
    target: { kind: "Deployment", name },
    patch: { type: "MergePatch", content: dumpYaml(content) },
  }));
  return schema.parse({ spec: { network: { coreDNS: { patches } } } }).spec.network.coreDNS.patches;
};
const good = ["coredns", { metadata: { labels: { a: "b" } } }] as const;
const bad = ["coredns", { spec: { replicas: { a: 1 } } }] as const;
const idle = ["cordns", { metadata: { labels: { a: "b" } } }] as const;

interface Answer {
  readonly said: string;
  readonly requests: readonly string[];
  readonly kept: number;
  readonly log: readonly Logged[];
}

const typed = new KubeError({
  status: 500,
  message: "failed to create typed patch object: expected numeric, got map",
});

async function answer(
  after: Patches,
  before: Patches = [],
  err: Error = typed,
  elsewhere: KubeObject[] = [],
): Promise<Answer> {
  const api = fakeApiServer();
  api.before = async ({ body = "" }) => {
    if (body.includes('"replicas":{')) throw err;
  };
  const log: Logged[] = [];
  const trial = { before, after: { path, patches: after }, objects, elsewhere };
  const trying = tryPatches({ ...trial, client: async () => api.client, log: recordingLog(log) });
  const said = await trying.then(() => "", errorMessage);
  return {
    said,
    requests: api.requests.filter((line) => line.startsWith("PATCH")),
    kept: api.objects().size,
    log,
  };
}

test("the API server is asked of each object that a new patch changes, and keeps nothing", async () => {
  const { said, requests, kept } = await answer(patchesOf(good));
  expect([said, requests, kept]).toEqual([
    "",
    ["PATCH /apis/apps/v1/namespaces/kube-system/deployments/coredns"],
    0,
  ]);
  expect((await answer(patchesOf(good), patchesOf(good))).requests).toEqual([]);
});

test("what it refuses is told with the patch, the object and its words", async () => {
  const { said } = await answer(patchesOf(good, bad), patchesOf(good));
  expect(said).toBe(
    `${path}[1] (Deployment coredns): the API server refuses Deployment kube-system/coredns: ${typed.message}`,
  );
  const invalid = new KubeError({ status: 422, reason: "Invalid", message: "no" });
  expect((await answer(patchesOf(bad), [], invalid)).said).toContain(
    "refuses Deployment kube-system/coredns: no",
  );
});

test("a server that cannot be asked, or that has no such kind yet, keeps nobody", async () => {
  for (const err of [
    new KubeError({ status: 404, reason: "NoKindMatch", message: "no kind" }),
    new KubeError({ status: 503, message: "starts" }),
    new Error("connection refused"),
    new KubeError({ status: 401, reason: "Unauthorized", message: "Unauthorized" }),
    new KubeError({
      status: 400,
      reason: "BadRequest",
      message: 'admission webhook "policy.example.com" does not support dry run',
    }),
    new KubeError({
      status: 403,
      reason: "Forbidden",
      message: 'deployments.apps "coredns" is forbidden: not yet ready to handle request',
    }),
  ]) {
    const { said, log } = await answer(patchesOf(bad), [], err);
    expect([said, log.map(({ fields }) => fields["object"])]).toEqual([
      "",
      ["Deployment kube-system/coredns"],
    ]);
  }
});

test("one that names no object is told of, unless it did so before or names what is elsewhere", async () => {
  const { said, requests } = await answer(patchesOf(good, idle));
  expect([said, requests]).toEqual([`${path}[1] (Deployment cordns) names no object of what it patches`, []]);
  expect((await answer(patchesOf(idle), patchesOf(good, idle))).said).toBe("");
  expect((await answer(patchesOf(idle), [], typed, [objectOf("cordns")])).said).toBe("");
});
