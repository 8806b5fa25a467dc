// Finds in kine's output why the database refuses the connection. Errors that can pass (a server that still starts, too
// many connections) are left to kine, which tries again.

import { describeServer, type DataSource } from "../../config/data-source.ts";
import { UserError } from "../../std/errors.ts";
import { lineSeverity } from "../../supervisor/severity.ts";

interface Refusal {
  readonly pattern: RegExp;
  readonly hint: string;
}

const dataSourceField = "spec.storage.kine.dataSource";

/** Codes of PostgreSQL (SQLSTATE) and MySQL; the text is what the server or Go's TLS library said. */
const refusals: readonly Refusal[] = [
  {
    pattern: /FATAL: ([^\n]*? \(SQLSTATE 28[0-9A-Z]{3}\))/,
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
  for (const line of errorLines(lines).toReversed()) {
    for (const { pattern, hint } of refusals) {
      const said = pattern.exec(line)?.[1];
      if (said !== undefined) return refusal(source, said.trim(), hint);
    }
  }
  return undefined;
}

/** Lines of errors, with the indented ones that go on. Warnings are not ours: kine tries several ways before it fails. */
function errorLines(lines: readonly string[]): string[] {
  let isError = false;
  return lines.filter((line) => {
    if (!/^\s/.test(line)) isError = lineSeverity(line) === "error";
    return isError;
  });
}

function refusal({ server, user }: DataSource, said: string, hint: string): UserError {
  const where = server === undefined ? "The database" : describeServer(server);
  const whom = user === undefined ? "k0s" : `user ${JSON.stringify(user)}`;
  return new UserError(`${where} refuses ${whom}: ${said}`, { code: "database-refused", hint });
}
