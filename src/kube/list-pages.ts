// A whole list, fetched in pages: a collection of any size is neither one answer of many megabytes for the server to hold
// nor one for us to parse at once.

import { isExpired } from "./errors.ts";

export interface RawList {
  metadata: { resourceVersion?: string; continue?: string };
  items?: object[] | null;
}

export interface PageQuery {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

const defaultPageSize = 500;

/** All pages are of one moment. When that moment is gone before the last page, the list is taken once more in one piece, as client-go does. */
export async function listPages(
  page: (query: PageQuery) => Promise<RawList>,
  limit = defaultPageSize,
): Promise<{ resourceVersion: string; items: object[] }> {
  const items: object[] = [];
  let next: string | undefined;
  for (;;) {
    const body = await page({ limit, continue: next }).catch((err: unknown) => {
      if (next === undefined || !isExpired(err)) throw err;
    });
    if (body === undefined) break;
    items.push(...(body.items ?? []));
    next = body.metadata.continue;
    if (next === undefined || next === "")
      return { resourceVersion: body.metadata.resourceVersion ?? "", items };
  }
  const whole = await page({});
  return { resourceVersion: whole.metadata.resourceVersion ?? "", items: whole.items ?? [] };
}
