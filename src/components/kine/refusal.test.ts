import { expect, test } from "bun:test";
import { parseDataSource } from "../../config/data-source.ts";
import { databaseRefusal } from "./refusal.ts";

const postgres = parseDataSource("postgres://k0s:s3cret@db.example/k0s");
const mysql = parseDataSource("mysql://k0s:s3cret@tcp(db.example)/k0s");

test("a wrong password of PostgreSQL", () => {
  const lines = [
    "ERRO[2026-11-23T12:00:00Z] Failed to ping database connection: failed to connect to `user=k0s database=k0s`:",
    '\t10.0.0.2:5432 (db.example): failed SASL auth: FATAL: password authentication failed for user "k0s" (SQLSTATE 28P01)',
  ];
  expect(databaseRefusal(lines, postgres)?.message).toBe(
    'PostgreSQL at db.example:5432 refuses user "k0s": password authentication failed for user "k0s" (SQLSTATE 28P01)',
  );
});

test("a wrong password of MySQL", () => {
  const line =
    "FATA[2026-11-23T12:00:00Z] failed to create driver for configured endpoint: Error 1045 (28000): Access denied for user 'k0s'@'10.0.0.3' (using password: YES)";
  expect(databaseRefusal([line], mysql)?.message).toBe(
    "MySQL at db.example:3306 refuses user \"k0s\": Error 1045 (28000): Access denied for user 'k0s'@'10.0.0.3' (using password: YES)",
  );
});

test("a database that is missing, and a certificate that nobody trusts", () => {
  const missing =
    'ERRO[2026-11-23T12:00:00Z] 10.0.0.2:5432 (db): server error: FATAL: database "k0s" does not exist (SQLSTATE 3D000)';
  expect(databaseRefusal([missing], postgres)?.hint).toContain("Create the database");
  const untrusted =
    "ERRO[2026-11-23T12:00:00Z] failed to connect: tls: failed to verify certificate: x509: certificate signed by unknown authority";
  expect(databaseRefusal([untrusted], postgres)?.hint).toContain("certificate files");
});

test("a warning that another database is closed to us is no refusal", () => {
  const lines = [
    "WARN[2026-11-23T12:00:00Z] failed to ensure existence of database postgres: failed to connect to `user=k0s`:",
    '\t10.0.0.2:5432 (db): server error: FATAL: no pg_hba.conf entry for host "10.0.0.3" (SQLSTATE 28000)',
  ];
  expect(databaseRefusal(lines, postgres)).toBeUndefined();
});

test("what passes by itself is no refusal", () => {
  const starting =
    "ERRO[2026-11-23T12:00:00Z] Failed to ping: FATAL: the database system is starting up (SQLSTATE 57P03)";
  expect(databaseRefusal([starting, "connect: connection refused"], postgres)).toBeUndefined();
});
