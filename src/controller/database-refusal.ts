// Reads in kine's output why the database will not have us. Errors that can pass (a server that still starts, too many
// connections) are left to kine, which tries again.

import { describeServer, type DataSource } from "../config/data-source.ts";
import { UserError } from "../std/errors.ts";

interface Refusal {
  readonly pattern: RegExp;
  readonly hint: string;
}

const dataSourceField = "spec.storage.kine.dataSource";

/** Codes of PostgreSQL (SQLSTATE) and MySQL; the text is what the server or Go's TLS library said. */
const refusals: readonly Refusal[] = [
  {
    pattern: /(?:FATAL: )?((?:password|pg_hba|no pg_hba|role|user|cert)[^\n]*?\(SQLSTATE 28[0-9A-Z]{3}\))/i,
    hint: `Check user, password and TLS settings in ${dataSourceField}, and whether the server lets this host in.`,
  },
  {
    pattern: /(Error (?:1045|1698) \(\w+\): [^\n]*)/,
    hint: `Check user and password in ${dataSourceField}, and whether the server lets this host in.`,
  },
  {
    pattern: /(database [^\n]*? does not exist \(SQLSTATE 3D000\)|Error (?:1044|1049) \(\w+\): [^\n]*)/,
    hint: "Create the database, or give its user the right to create it.",
  },
  {
    pattern: /(permission denied [^\n]*?\(SQLSTATE 42501\)|Error 1142 \(\w+\): [^\n]*)/,
    hint: "Give the user the right to create tables in the database.",
  },
  {
    pattern: /((?:x509|tls|remote error): [^\n]*)/,
    hint: "Check the certificate files: ca-file, cert-file and key-file in spec.storage.kine.extraArgs, or the TLS options of the data source.",
  },
];

/** What `lines`, kine's last ones, tell about a refusal that waiting does not cure. */
export function databaseRefusal(lines: readonly string[], source: DataSource): UserError | undefined {
  for (const line of lines.toReversed()) {
    for (const { pattern, hint } of refusals) {
      const said = pattern.exec(line)?.[1];
      if (said === undefined) continue;
      const where = source.server === undefined ? "The database" : describeServer(source.server);
      const user = source.user === undefined ? "" : ` user ${JSON.stringify(source.user)}`;
      return new UserError(`${where} refuses${user === "" ? " k0s" : user}: ${said.trim()}`, {
        code: "database-refused",
        hint,
      });
    }
  }
  return undefined;
}
