// Objects as the table that `kubectl get` prints: the server picks the columns, and a node or pod is 300 bytes in place of
// 12,000. For those who want to know how all of them are, now and then. Source: metav1.Table.

import type { CallOptions, KubeClient, SelectOptions } from "./client.ts";
import { listPages, type PageQuery, type RawList } from "./list-pages.ts";
import { queryString, resourcePath } from "./paths.ts";
import type { ApiResource } from "./types.ts";

/** Cells by the name of their column, e.g. `Internal-IP`. */
export type TableRow = ReadonlyMap<string, string>;

interface RawTable {
  metadata?: RawList["metadata"];
  columnDefinitions?: { name: string }[] | null;
  rows?: { cells: unknown[] }[] | null;
}

const accept = "application/json;as=Table;g=meta.k8s.io;v=v1";

/** Every object of a kind, in pages. `columns` are those that must be there: without them the answer would be read wrongly. */
export async function listTable(
  client: Pick<KubeClient, "raw">,
  resource: Pick<ApiResource, "apiVersion" | "plural" | "namespaced">,
  options: SelectOptions & CallOptions & { readonly columns: readonly string[] },
): Promise<TableRow[]> {
  const { namespace, labelSelector, fieldSelector, signal, columns } = options;
  const path = resourcePath(resource, { namespace });
  const page = async (query: PageQuery): Promise<RawList> => {
    const text = queryString({ labelSelector, fieldSelector, includeObject: "None", ...query });
    const answer = await client.raw(path + text, { accept, signal });
    const { metadata = {}, columnDefinitions, rows } = (await answer.json()) as RawTable;
    const names = (columnDefinitions ?? []).map(({ name }) => name);
    const missing = columns.filter((name) => !names.includes(name));
    // A page without rows may leave its columns out.
    if (missing.length > 0 && (rows ?? []).length > 0)
      throw new Error(`GET ${path}: the table has no column ${missing.join(", ")}`);
    const items = (rows ?? []).map(
      ({ cells }) => new Map(names.map((name, at) => [name, String(cells[at])])),
    );
    return { metadata, items };
  };
  return (await listPages(page)).items as TableRow[];
}
