// That a long list is never there whole when only a part of each object is wanted.

import { expect, test } from "bun:test";
import { createKubeClient } from "./client.ts";
import type { ApiResource } from "./types.ts";

const nodes: ApiResource = {
  apiVersion: "v1",
  kind: "Node",
  group: "",
  version: "v1",
  plural: "nodes",
  namespaced: false,
  verbs: ["list"],
};

test("what is kept of objects is taken before the next page is asked for", async () => {
  const order: string[] = [];
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { searchParams } = new URL(request.url);
      const page = Number(searchParams.get("continue") ?? 0);
      order.push(`page ${page} of ${searchParams.get("limit")}`);
      const items = [{ metadata: { name: `n${page}` }, status: { images: ["many"] } }];
      return Response.json({
        metadata: { resourceVersion: "7", ...(page < 2 ? { continue: `${page + 1}` } : {}) },
        items,
      });
    },
  });
  const client = createKubeClient({ server: `http://127.0.0.1:${server.port}` });
  const { items, resourceVersion } = await client.list(nodes, {
    pageSize: 1,
    keep: ({ apiVersion, kind, metadata }) => {
      order.push(`${kind} ${metadata.name}`);
      return { apiVersion, kind, metadata };
    },
  });
  expect(order).toEqual(["page 0 of 1", "Node n0", "page 1 of 1", "Node n1", "page 2 of 1", "Node n2"]);
  expect(items).toEqual(
    ["n0", "n1", "n2"].map((name) => ({ apiVersion: "v1", kind: "Node", metadata: { name } })),
  );
  expect(resourceVersion).toBe("7");
});
