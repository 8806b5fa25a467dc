import { expect, test } from "bun:test";
import { sqliteFile } from "./flags.ts";

const file = (dataSource: string): string | undefined => sqliteFile(dataSource, "/data");

test("the database file is found in every spelling of an SQLite data source", () => {
  expect(file("sqlite://file:/var/lib/k0s/db/state.db?mode=rwc&_journal=WAL")).toBe(
    "/var/lib/k0s/db/state.db",
  );
  expect(file("sqlite:///srv/state.db")).toBe("/srv/state.db");
  expect(file("postgres://user@db/k0s")).toBeUndefined();
});

test("a relative path lies where kine runs, and a URI is decoded", () => {
  expect(file("sqlite://db/state.db")).toBe("/data/db/state.db");
  expect(file("sqlite://file:///srv/my%20disk/state.db")).toBe("/srv/my disk/state.db");
  expect(file("sqlite:///srv/100%25/state.db")).toBe("/srv/100%25/state.db");
  expect(file("sqlite://file:/srv/100%/state.db")).toBe("/srv/100%/state.db");
});
