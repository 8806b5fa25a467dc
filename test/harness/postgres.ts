// PostgreSQL on the database machine, with TLS, for a user with a password and one with a client certificate.

import { certificateDir, type DatabaseMachine, type SqlServer } from "./database-machine.ts";

const data = "/var/lib/pg";
const run = "/run/postgresql";
const asPostgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];

/** Prepared and started. Database `k0s` belongs to user `k0s`. */
export async function startPostgres({ machine }: DatabaseMachine, password: string): Promise<SqlServer> {
  const bin = (await machine.ok(["sh", "-c", "echo /usr/lib/postgresql/*/bin"])).trim();
  const as = (...argv: readonly string[]): Promise<string> => machine.ok([...asPostgres, ...argv]);
  await machine.ok(["install", "-d", "-o", "postgres", "-g", "postgres", "-m", "700", data, run]);
  for (const kind of ["crt", "key"]) {
    const source = `${certificateDir}/server.${kind}`;
    await machine.ok(["install", "-o", "postgres", "-m", "600", source, `${data}.${kind}`]);
  }
  await as(`${bin}/initdb`, "-D", data, "--auth=trust", "--encoding=UTF8", "--no-sync");
  await machine.writeFile(`${data}/pg_hba.conf`, accessRules);
  const server: SqlServer = {
    name: "PostgreSQL",
    start: async () => {
      const settings = {
        listen_addresses: "*",
        unix_socket_directories: run,
        max_connections: "200",
        ssl: "on",
        ssl_cert_file: `${data}.crt`,
        ssl_key_file: `${data}.key`,
        ssl_ca_file: `${certificateDir}/ca.crt`,
      };
      const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
      await machine.start("postgres", [...asPostgres, `${bin}/postgres`, "-D", data, ...flags]);
      await machine.waitFor("PostgreSQL", async () => (await machine.exec([`${bin}/pg_isready`])).code === 0);
    },
    kill: async () => {
      // The children end with their parent; only then may the next one start.
      await machine.ok(["sh", "-c", `kill -9 $(head -1 ${data}/postmaster.pid)`]);
      await machine.waitFor(
        "its end",
        async () => (await machine.exec(["pgrep", "-x", "postgres"])).code !== 0,
      );
    },
    sql: (statement) => as(`${bin}/psql`, "-d", "k0s", "-c", statement),
  };
  await server.start();
  await as(`${bin}/psql`, "-c", `CREATE USER k0s PASSWORD '${password}'`);
  await as(`${bin}/psql`, "-c", "CREATE DATABASE k0s OWNER k0s");
  return server;
}

/** The user `certified` maps to any client that shows a certificate with the name `k0s`. */
const accessRules = `
local   all all                 trust
hostssl all k0s 0.0.0.0/0       scram-sha-256 clientcert=verify-ca
hostnossl all k0s 0.0.0.0/0     scram-sha-256
`;
