import { expect, test } from "bun:test";
import type { KubeClient } from "../../kube/client.ts";
import { clusterSecrets, type Secret } from "./cluster-secrets.ts";

const encoded = (text: string): string => Buffer.from(text).toString("base64");
const never = new AbortController().signal;

const container = {
  env: [
    { name: "DB_PASSWORD", value: "hunter3" },
    { name: "LEVEL", value: "information" },
    { name: "URL", value: "http://me:hunter4@db" },
    { name: "FROM_SECRET" },
  ],
};

/** What is found in what these paths answer; those without an answer fail. */
async function found(
  answers: Readonly<Record<string, unknown>>,
  signal = never,
): Promise<{ readonly secrets: readonly Secret[]; readonly missing: readonly string[] }> {
  const api: Pick<KubeClient, "raw"> = {
    raw: async (path) => {
      if (answers[path] === undefined) throw new Error("a reason");
      return answers[path] === "hangs" ? new Promise(() => undefined) : Response.json(answers[path]);
    },
  };
  const secrets = new Set<Secret>();
  const missing = await clusterSecrets(
    api as KubeClient,
    (some) => some.forEach((secret) => secrets.add(secret)),
    signal,
  );
  return { secrets: [...secrets], missing };
}

const secretsPath = "/api/v1/secrets?limit=100";
const podsPath = "/api/v1/pods?limit=100";

test("values of Secrets, page by page, and variables that are named like one", async () => {
  const { secrets, missing } = await found({
    [secretsPath]: {
      metadata: { continue: "a&b" },
      items: [
        { data: { key: encoded("hunter2"), namespace: encoded("kube-system"), short: encoded("abc") } },
        {},
      ],
    },
    [`${secretsPath}&continue=a%26b`]: {
      items: [{ data: { "config.yaml": encoded(`${"#".repeat(5_000)}\npassword: in-a-file`) } }],
    },
    [podsPath]: { items: [{ spec: { containers: [container] } }] },
  });
  expect(missing).toEqual([]);
  const wanted = ["hunter2", encoded("hunter2"), "in-a-file", "hunter3", "hunter4"];
  expect(new Set(secrets)).toEqual(new Set(wanted));
});

test("credentials of registries, INI files, bytes, and all containers", async () => {
  const auth = encoded("me:hunter5");
  const bytes = Buffer.from([255, 254, 1, 2, 3, 200, 201]);
  const { secrets } = await found({
    [secretsPath]: {
      items: [
        { data: { ".dockerconfigjson": encoded(JSON.stringify({ auths: { reg: { auth } } })) } },
        { data: { "my.cnf": encoded(`${"#".repeat(5_000)}\n[client]\npass = hunter6 x\n`) } },
        { data: { bytes: bytes.toString("base64") } },
      ],
    },
    [podsPath]: {
      items: [
        {
          spec: {
            containers: [{ args: ["--requirepass", "hunter7", "--v", "not-this"] }],
            initContainers: [{ env: [{ name: "DB_PASS", value: "hunter8" }] }],
            ephemeralContainers: [{ env: [{ name: "REDIS_AUTH", value: "hunter9" }] }],
          },
        },
        { spec: { containers: [{ env: [{ name: "APIKEY", value: "hunter10" }] }] } },
        { spec: { containers: [{ env: [{ name: "SECRET_NAME", value: "not-this" }] }] } },
      ],
    },
  });
  for (const secret of [auth, "hunter5", "hunter6 x", "hunter7", "hunter8", "hunter9", "hunter10"])
    expect(secrets).toContain(secret);
  expect(secrets).toContainEqual(new Uint8Array(bytes));
  expect(secrets).toContain(bytes.toString("base64"));
  expect(secrets).not.toContain("not-this");
});

test("what came before a failure counts, and the failure is said", async () => {
  const { secrets, missing } = await found({
    [secretsPath]: { metadata: { continue: "more" }, items: [{ data: { key: encoded("hunter2") } }] },
  });
  expect(secrets).toContain("hunter2");
  expect(missing).toEqual(["secrets (a reason)", "pods (a reason)"]);
});

test("what came before an interruption counts", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("took too long")), 20);
  const { secrets, missing } = await found(
    {
      [secretsPath]: { metadata: { continue: "more" }, items: [{ data: { key: encoded("hunter2") } }] },
      [`${secretsPath}&continue=more`]: "hangs",
      [podsPath]: { items: [] },
    },
    stop.signal,
  );
  expect(secrets).toContain("hunter2");
  expect(missing).toEqual(["secrets (took too long)"]);
});
