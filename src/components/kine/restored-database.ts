// What `k0s restore` does with a copy of kine's database before kine sees it, in kine's own statements.

import type { Database } from "bun:sqlite";

/**
 * Revisions go on far ahead, and all before them are compacted: who has seen later ones than the copy has would wait for a past that
 * never comes, and miss what is written until then. What is current stays, with its revision.
 *
 * kine's revision is the largest id, and what it refuses as compacted is before `prev_revision` of `compact_rev_key`. An id that was
 * never written is a deleted row `gap-<id>`, as kine makes them for its own gaps; it shows them to nobody. Superseded and deleted rows
 * go first: kine only ever removes those between the last compaction and the next one. Upstream: github.com/k3s-io/kine/pkg/drivers/generic
 * (UpdateCompactSQL, FillSQL), github.com/k3s-io/kine/pkg/drivers/sqlite (CompactSQL).
 */
export function skipRevisions(database: Database, revisions: number): void {
  // Nothing may be left in a file beside it, which stays behind.
  database.run("PRAGMA journal_mode=DELETE");
  database.transaction(() => {
    const [last] = database.query<{ id: number | null }, []>("SELECT max(id) AS id FROM kine").all();
    const id = (last?.id ?? 0) + revisions;
    database.run(
      `DELETE FROM kine WHERE id IN (
        SELECT prev_revision FROM kine WHERE name != 'compact_rev_key' AND prev_revision != 0
        UNION ALL SELECT id FROM kine WHERE deleted != 0)`,
    );
    database.run(
      `INSERT INTO kine (id, name, created, deleted, create_revision, prev_revision, lease, value, old_value)
       VALUES (?, ?, 0, 1, 0, 0, 0, NULL, NULL)`,
      [id, `gap-${id}`],
    );
    // Kine had two of them once, and takes the later one.
    database.run(
      `UPDATE kine SET prev_revision = ? WHERE id = (
        SELECT id FROM kine WHERE name = 'compact_rev_key' ORDER BY prev_revision DESC, id DESC LIMIT 1)`,
      [id],
    );
  })();
}
