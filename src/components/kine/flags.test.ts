import { expect, test } from "bun:test";
import { sqliteFile } from "./flags.ts";

test("the database file is found in every spelling of an SQLite data source", () => {
  expect(sqliteFile("sqlite://file:/var/lib/k0s/db/state.db?mode=rwc&_journal=WAL")).toBe(
    "/var/lib/k0s/db/state.db",
  );
  expect(sqliteFile("sqlite:///srv/state.db")).toBe("/srv/state.db");
  expect(sqliteFile("postgres://user@db/k0s")).toBeUndefined();
});
