import { expect, test } from "bun:test";
import type { KubeClient } from "../../kube/client.ts";
import { clusterSecrets } from "./cluster-secrets.ts";

const encoded = (text: string): string => Buffer.from(text).toString("base64");

test("values of Secrets, page by page, and variables that are named like one", async () => {
  const answers: Readonly<Record<string, unknown>> = {
    "/api/v1/secrets?limit=500": {
      metadata: { continue: "a&b" },
      items: [
        { data: { key: encoded("hunter2"), namespace: encoded("kube-system"), short: encoded("abc") } },
        {},
      ],
    },
    "/api/v1/secrets?limit=500&continue=a%26b": {
      items: [{ data: { "config.yaml": encoded(`${"#".repeat(5_000)}\npassword: in-a-file`) } }],
    },
    "/api/v1/pods?limit=500": {
      items: [
        {
          spec: {
            containers: [
              {
                env: [
                  { name: "DB_PASSWORD", value: "hunter3" },
                  { name: "LEVEL", value: "information" },
                  { name: "URL", value: "http://me:hunter4@db" },
                  { name: "FROM_SECRET" },
                ],
              },
            ],
          },
        },
      ],
    },
  };
  const api: Pick<KubeClient, "raw"> = { raw: async (path) => Response.json(answers[path]) };
  const found = await clusterSecrets(api as KubeClient, new AbortController().signal);
  expect([...new Set(found)]).toEqual(["hunter2", "in-a-file", "hunter3", "hunter4"]);
});
