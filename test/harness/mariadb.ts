// MariaDB on the database machine, with TLS.

import { renderFlags } from "../../src/std/flags.ts";
import { certificateDir, type DatabaseMachine, type SqlServer } from "./database-machine.ts";

const data = "/var/lib/maria";
const run = "/run/mysqld";
const socket = `${run}/mysqld.sock`;

/** Prepared and started. User `k0s` may create its database, and must use TLS. */
export async function startMariadb({ machine }: DatabaseMachine, password: string): Promise<SqlServer> {
  await machine.ok(["install", "-d", "-o", "mysql", "-g", "mysql", "-m", "755", data, run]);
  const place = ["--no-defaults", `--datadir=${data}`, "--user=mysql"];
  await machine.ok([
    "mariadb-install-db",
    ...place,
    "--skip-test-db",
    "--auth-root-authentication-method=socket",
  ]);
  for (const file of ["ca.crt", "server.crt", "server.key"])
    await machine.ok(["install", "-o", "mysql", "-m", "600", `${certificateDir}/${file}`, `${data}-${file}`]);
  const server: SqlServer = {
    name: "MariaDB",
    start: async () => {
      const tls = ["ca.crt", "server.crt", "server.key"].map((file) => `${data}-${file}`);
      const settings = {
        socket,
        "bind-address": "0.0.0.0",
        "ssl-ca": tls[0] ?? "",
        "ssl-cert": tls[1] ?? "",
        "ssl-key": tls[2] ?? "",
      };
      await machine.start("mariadb", ["mariadbd", ...place, ...renderFlags(settings)]);
      await machine.waitFor(
        "MariaDB",
        async () => (await machine.exec(["mariadb-admin", `--socket=${socket}`, "ping"])).code === 0,
      );
    },
    kill: async () => {
      await machine.ok(["pkill", "-9", "-x", "mariadbd"]);
      await machine.waitFor(
        "its end",
        async () => (await machine.exec(["pgrep", "-x", "mariadbd"])).code !== 0,
      );
    },
    sql: (statement) => machine.ok(["mariadb", `--socket=${socket}`, "-D", "k0s", "-e", statement]),
  };
  await server.start();
  const sql = `CREATE USER k0s@'%' IDENTIFIED BY '${password}' REQUIRE SSL; GRANT ALL ON k0s.* TO k0s@'%'`;
  await machine.ok(["mariadb", `--socket=${socket}`, "-e", sql]);
  return server;
}
