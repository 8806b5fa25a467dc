import { expect, test } from "bun:test";
import { KubeError } from "./errors.ts";
import { listPages, type PageQuery, type RawList } from "./list-pages.ts";

const all = Array.from({ length: 1_234 }, (_, index) => ({ index }));
const expired = (): never => {
  throw new KubeError({ status: 410, reason: "Expired", message: "the continue token is too old" });
};

/** Serves `all`; says what it was asked for. */
function server(asked: PageQuery[], fail: (query: PageQuery) => void = () => undefined) {
  return async (query: PageQuery): Promise<RawList> => {
    asked.push(query);
    fail(query);
    const from = Number(query.continue ?? 0);
    const to = query.limit === undefined ? all.length : from + query.limit;
    return {
      metadata: { resourceVersion: "7", ...(to < all.length ? { continue: String(to) } : {}) },
      items: all.slice(from, to),
    };
  };
}

test("every page is fetched, in order", async () => {
  const asked: PageQuery[] = [];
  expect(await listPages(server(asked))).toEqual({ resourceVersion: "7", items: all });
  expect(asked.map((query) => query.continue)).toEqual([undefined, "500", "1000"]);
});

test("a place that is forgotten between two pages means one list in one piece", async () => {
  const asked: PageQuery[] = [];
  const list = await listPages(server(asked, (query) => query.continue === "1000" && expired()));
  expect(list.items).toEqual(all);
  expect(asked.at(-1)).toEqual({});
});

test("any other failure, and 410 of the whole list, are the caller's", async () => {
  const forbidden = new KubeError({ status: 403, message: "no" });
  const refuse = (query: PageQuery): void => {
    if (query.continue !== undefined) throw forbidden;
  };
  expect(listPages(server([], refuse))).rejects.toBe(forbidden);
  expect(listPages(server([], expired))).rejects.toThrow("too old");
});
