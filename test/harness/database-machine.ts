// A machine with database servers from Debian's packages, which tests start, stop and make certificates for. Each server
// runs as its own user.

import { afterAll, beforeAll } from "bun:test";
import { type Scenario, scenariosOn } from "./scenario.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "./test-machine.ts";

export interface DatabaseMachine {
  readonly network: TestNetwork;
  readonly machine: TestMachine;
}

/** One of the servers on it. */
export interface DatabaseServer {
  readonly name: string;
  start(): Promise<void>;
  /** SIGKILL to the whole server: what a power cut does to it. */
  kill(): Promise<void>;
}

export interface SqlServer extends DatabaseServer {
  /** Runs a statement in database `k0s` as its administrator. */
  sql(statement: string): Promise<string>;
}

/** PEM files of a throw-away CA: `ca`, `server` (valid for the machine's address), `client` (CN `k0s`). */
export const certificateDir = "/etc/database-certs";

export async function databaseMachine(network: TestNetwork): Promise<DatabaseMachine> {
  const machine = await network.machine({ name: "db", root: "database", k0s: false });
  await machine.ok(["sh", "-ec", certificateScript, "sh", certificateDir, machine.address]);
  return { network, machine };
}

/** One machine for all tests of a file. It is there once the first of them begins, and goes after the last. */
export function databaseScenarios(): { readonly db: DatabaseMachine; readonly scenario: Scenario } {
  let network: TestNetwork | undefined;
  let made: DatabaseMachine | undefined;
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error("the machine with databases has not been started");
    return part;
  };
  beforeAll(async () => {
    network = await startNetwork();
    made = await databaseMachine(network);
  }, 600_000);
  afterAll(async () => network?.destroy(), 300_000);
  const db = {
    get network() {
      return started(network);
    },
    get machine() {
      return started(made).machine;
    },
  };
  return { db, scenario: scenariosOn(() => db.network) };
}

const certificateScript = `
mkdir -p $1; chmod 755 $1; cd $1
new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $new -days 2 -subj /CN=database-ca -keyout ca.key -out ca.crt
openssl req $new -subj /CN=database -keyout server.key -out server.csr
printf 'subjectAltName=IP:%s\\nextendedKeyUsage=serverAuth,clientAuth\\n' $2 >server.ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -set_serial 1 -days 1 -extfile server.ext -out server.crt
openssl req $new -subj /CN=k0s -keyout client.key -out client.csr
printf 'extendedKeyUsage=clientAuth\\n' >client.ext
openssl x509 -req -in client.csr -CA ca.crt -CAkey ca.key -set_serial 2 -days 1 -extfile client.ext -out client.crt
`;
