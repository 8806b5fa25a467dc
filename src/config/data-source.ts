// What the data source of kine says: backend, server, user, database, secrets. The text forms are those of kine's
// drivers (pgx, go-sql-driver/mysql). Upstream: pkg/config/kine/datasource.go.

import { joinHostPort } from "../std/ip.ts";

export interface DatabaseServer {
  /** As people know it: `PostgreSQL`. */
  readonly product: string;
  readonly host: string;
  readonly port: number;
}

export interface DataSource {
  readonly backend: string;
  /** Where the database listens; undefined for a file, a unix socket, and whatever we cannot read. */
  readonly server: DatabaseServer | undefined;
  readonly user: string | undefined;
  readonly database: string | undefined;
  readonly password: string | undefined;
}

/** Never throws: `dataSourceProblem` says what is wrong with a data source. */
export function parseDataSource(text: string): DataSource {
  const backend = kineBackend(text);
  const rest = text.slice(text.indexOf("://") + 3);
  if (backend === "mysql") return { backend, ...parseMysql(rest) };
  if (isPostgres(backend)) return { backend, ...parsePostgres(rest) };
  return { backend, server: undefined, user: undefined, database: undefined, password: undefined };
}

/** The text before `://`; plain HTTP URLs mean etcd. */
export function kineBackend(dataSource: string): string {
  const scheme = dataSource.split("://", 1)[0] ?? "";
  return scheme === "http" || scheme === "https" ? "etcd3" : scheme;
}

/** Whether several controllers can share it. */
export function isSharedDataSource(dataSource: string): boolean {
  const backend = kineBackend(dataSource);
  if (backend === "nats") return /[?&]noEmbed\b/.test(dataSource);
  return backend !== "sqlite";
}

/**
 * The data source with which an acknowledged write is on the disk. SQLite's driver takes NORMAL by default, which
 * syncs no commit in WAL mode: a power cut took the last second of writes. EXTRA is FULL there, and also makes the end of a
 * rollback journal durable in the other modes. A mode that the data source names stays.
 */
export function durableDataSource(text: string): string {
  if (!isSqlite(text) || sqliteSync(text) !== "") return text;
  const filled = text.replaceAll(/([?&]_sync(?:hronous)?)=?(?=&|$)/g, "$1=EXTRA");
  if (filled !== text) return filled;
  return `${text}${text.includes("?") ? "&" : "?"}_synchronous=EXTRA`;
}

/** Whether the data source itself asks for commits that a power cut can take back. */
export function losesWritesInPowerCut(text: string): boolean {
  return isSqlite(text) && ["0", "OFF", "1", "NORMAL"].includes(sqliteSync(text).toUpperCase());
}

function isSqlite(text: string): boolean {
  return ["sqlite", "litestream"].includes(kineBackend(text));
}

/** As the driver reads it: the short name wins, an empty value counts as none. */
function sqliteSync(text: string): string {
  const parameters = new URLSearchParams(/\?(.*)$/s.exec(text)?.[1] ?? "");
  return parameters.get("_sync") ?? parameters.get("_synchronous") ?? "";
}

/** The same text with `xxxxx` in place of the passwords. */
export function withoutPassword(dataSource: string): string {
  const { password } = parseDataSource(dataSource);
  const text = dataSource.replaceAll(/([?&](?:ssl)?password=)[^&]*/g, "$1xxxxx");
  return password === undefined || password === "" ? text : text.replace(`:${password}@`, ":xxxxx@");
}

/** What a driver would refuse, said without repeating any part of the text: it may hold a password. */
export function dataSourceProblem(text: string): string | undefined {
  const backend = kineBackend(text);
  const rest = text.slice(text.indexOf("://") + 3);
  if (backend === "mysql") return mysqlProblem(rest);
  return isPostgres(backend) ? postgresProblem(rest) : undefined;
}

function isPostgres(backend: string): boolean {
  return backend === "postgres" || backend === "postgresql";
}

type Parts = Omit<DataSource, "backend">;

/** `user:password@host:port/database?options` */
function parsePostgres(rest: string): Parts {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? "";
  const path = /^\/([^?#]*)/.exec(rest.slice(authority.length))?.[1] ?? "";
  const { user, password, address } = splitUser(authority);
  const { host, port } = splitAddress(address, 5432);
  return {
    server: host === "" || /[?&]host=/.test(rest) ? undefined : { product: "PostgreSQL", host, port },
    user: user === undefined ? undefined : decoded(user),
    password,
    database: path === "" ? "kubernetes" : decoded(path).toLowerCase(),
  };
}

function postgresProblem(rest: string): string | undefined {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? "";
  const { user, password, address } = splitUser(authority);
  const credentials = `${user ?? ""}${password ?? ""}`;
  const encode =
    "write special characters of user and password percent-encoded, e.g. %40 for @ and %2F for /";
  if (/%(?![0-9a-fA-F]{2})/.test(rest) || /[^\w.~!$&'()*+,;=:%-]/.test(credentials)) return encode;
  // The rest of a password with a slash looks like a database name.
  if (/^\/[^?#]*[@/]/.test(rest.slice(authority.length))) return encode;
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(address);
  if (parts === null || Number(parts[2] ?? 1) > 65_535)
    return `is not postgres://user:password@host:port/database; ${encode}`;
  return undefined;
}

/** `user:password@tcp(host:port)/database?options` or `…@unix(/path)/…` */
function parseMysql(rest: string): Parts {
  const slash = mysqlSlash(rest);
  const { user, password, address } = splitUser(rest.slice(0, slash));
  const [, net = "tcp", inner = ""] = /^([^(]*)(?:\((.*)\))?$/.exec(address) ?? [];
  const { host, port } = splitAddress(inner === "" ? "127.0.0.1" : inner, 3306);
  const database = rest.slice(slash + 1).split("?", 1)[0] ?? "";
  return {
    server: net === "tcp" || net === "" ? { product: "MySQL", host, port } : undefined,
    user,
    password,
    database: database === "" ? "kubernetes" : database,
  };
}

function mysqlProblem(rest: string): string | undefined {
  const slash = mysqlSlash(rest);
  const { address } = splitUser(rest.slice(0, slash));
  const valid = slash >= 0 && (address === "" || /^(?:tcp|unix)(?:\([^()]+\))?$/.test(address));
  return valid ? undefined : "is not mysql://user:password@tcp(host:port)/database";
}

/** The last slash before the options, as the driver looks for it. */
function mysqlSlash(rest: string): number {
  const database = /\/[^/]*$/.exec(rest);
  return database?.index ?? -1;
}

function splitUser(authority: string): { user?: string; password?: string; address: string } {
  const at = authority.lastIndexOf("@");
  if (at < 0) return { address: authority };
  const credentials = authority.slice(0, at);
  const address = authority.slice(at + 1);
  const colon = credentials.indexOf(":");
  if (colon < 0) return { user: credentials, address };
  return { user: credentials.slice(0, colon), password: credentials.slice(colon + 1), address };
}

function splitAddress(address: string, defaultPort: number): { host: string; port: number } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(address);
  return { host: match?.[1] ?? match?.[2] ?? address, port: Number(match?.[3] ?? defaultPort) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign; `dataSourceProblem` complains about it.
    return text;
  }
}

/** `PostgreSQL at db.example:5432` */
export function describeServer({ product, host, port }: DatabaseServer): string {
  return `${product} at ${joinHostPort(host, port)}`;
}
