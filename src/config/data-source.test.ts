import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  dataSourceProblem,
  durableDataSource,
  isSharedDataSource,
  kineBackend,
  losesWritesInPowerCut,
  parseDataSource,
  withoutPassword,
} from "./data-source.ts";

test("PostgreSQL: host, port, user and database, with their defaults", () => {
  expect(parseDataSource("postgres://k0s:pw@db.example:6000/Cluster?sslmode=verify-full")).toEqual({
    backend: "postgres",
    server: { product: "PostgreSQL", host: "db.example", port: 6000 },
    user: "k0s",
    password: "pw",
    database: "cluster",
  });
  expect(parseDataSource("postgresql://[fd00::5]/").server).toEqual({
    product: "PostgreSQL",
    host: "fd00::5",
    port: 5432,
  });
  expect(parseDataSource("postgres:///k0s?host=/run/postgresql").server).toBeUndefined();
});

test("MySQL: a TCP address, a socket, and a password with slashes", () => {
  expect(parseDataSource("mysql://k0s:p/w:@x@tcp(10.0.0.2:3307)/k0s?tls=true")).toEqual({
    backend: "mysql",
    server: { product: "MySQL", host: "10.0.0.2", port: 3307 },
    user: "k0s",
    password: "p/w:@x",
    database: "k0s",
  });
  expect(parseDataSource("mysql://k0s@unix(/run/mysqld/mysqld.sock)/").server).toBeUndefined();
});

test("problems are named without any part of the password", () => {
  const bad = [
    "postgres://k0s:s3cr?t@db/k0s",
    "postgres://k0s:s3cr%t@db/k0s",
    "postgres://k0s:s3cr/t@db:5432/k0s",
    "postgres://k0s:s3cr t@db/k0s",
    "postgres://k0s:pw@db:99999/k0s",
    "mysql://k0s:s3cret@db:3306/k0s",
    "mysql://k0s:s3cret@tcp(db:3306)",
  ];
  for (const text of bad) {
    expect([text, dataSourceProblem(text) ?? "accepted"]).not.toContain("accepted");
    expect(dataSourceProblem(text)).not.toContain("s3cr");
  }
});

test("what the drivers take is no problem", () => {
  for (const text of [
    "postgres://db",
    "postgres://k0s:a%40b@[fd00::5]:5432/k0s?sslmode=require",
    "mysql://k0s:p@ss/w@tcp(db:3306)/k0s",
    "mysql://tcp(db)/",
    "mysql://k0s@unix(/run/mysqld/mysqld.sock)/k0s",
    "sqlite:///srv/state.db",
  ])
    expect([text, dataSourceProblem(text)]).toEqual([text, undefined]);
});

test("a password never survives in what is shown", () => {
  const password = fc.stringMatching(/^[A-Za-z0-9$.~!*()%-]{4,12}$/).map((text) => `s3cret${text}`);
  fc.assert(
    fc.property(
      password,
      fc.constantFrom("postgres://u:%@h/d", "postgres://u@h/d?password=%", "mysql://u:%@tcp(h:1)/d"),
      (secret, form) => {
        expect(withoutPassword(form.replace("%", () => secret))).not.toContain("s3cret");
      },
    ),
  );
});

test("which backends several controllers can share", () => {
  expect(kineBackend("https://etcd:2379")).toBe("etcd3");
  expect(isSharedDataSource("postgres://db/k0s")).toBe(true);
  expect(isSharedDataSource("mysql://tcp(db)/k0s")).toBe(true);
  expect(isSharedDataSource("sqlite:///srv/state.db")).toBe(false);
  expect(isSharedDataSource("nats://")).toBe(false);
  expect(isSharedDataSource("nats://nats:4222?noEmbed=true")).toBe(true);
});

test("SQLite syncs every commit unless its data source says otherwise", () => {
  expect(durableDataSource("sqlite://file:/d/db/state.db?mode=rwc&_journal=WAL")).toBe(
    "sqlite://file:/d/db/state.db?mode=rwc&_journal=WAL&_synchronous=EXTRA",
  );
  expect(durableDataSource("sqlite:///srv/state.db")).toBe("sqlite:///srv/state.db?_synchronous=EXTRA");
  expect(durableDataSource("litestream:///srv/state.db")).toContain("_synchronous=EXTRA");
  // The driver passes over an empty value, but the short name hides the long one.
  expect(durableDataSource("sqlite:///d?_sync=&cache=shared")).toBe("sqlite:///d?_sync=EXTRA&cache=shared");
  for (const kept of ["sqlite:///d?_sync=1", "sqlite:///d?_synchronous=normal", "postgres://db/k0s"])
    expect(durableDataSource(kept)).toBe(kept);
});

test("a data source that gives durability up is told apart", () => {
  for (const text of ["sqlite:///d?_sync=1", "sqlite:///d?x=1&_synchronous=off"])
    expect([text, losesWritesInPowerCut(text)]).toEqual([text, true]);
  for (const text of ["sqlite:///d", "sqlite:///d?_sync=FULL", "sqlite:///d?_sync=3", "mysql://tcp(db)/k"])
    expect([text, losesWritesInPowerCut(text)]).toEqual([text, false]);
});
