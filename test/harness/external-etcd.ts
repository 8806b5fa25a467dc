// An etcd that k0s does not run: our own build of it, on the database machine, with TLS and client certificates.

import { buildComponent } from "../../build/components/build-component.ts";
import { hostPlatform } from "../../build/platform.ts";
import { renderFlags } from "../../src/std/flags.ts";
import { certificateDir, type DatabaseMachine, type DatabaseServer } from "./database-machine.ts";

const program = "/usr/local/bin/etcd";

export async function startExternalEtcd({ machine }: DatabaseMachine): Promise<DatabaseServer> {
  const { outputs } = await buildComponent("etcd", hostPlatform());
  const built = outputs["etcd"];
  if (built === undefined) throw new Error("the etcd component has no program called etcd");
  await machine.writeFile(program, new Uint8Array(await Bun.file(built).arrayBuffer()), 0o755);
  const url = `https://${machine.address}:2379`;
  const file = (name: string): string => `${certificateDir}/${name}`;
  const server: DatabaseServer = {
    name: "external etcd",
    start: async () => {
      const flags = {
        "data-dir": "/var/lib/etcd-external",
        "log-level": "warn",
        "client-cert-auth": "true",
        "cert-file": file("server.crt"),
        "key-file": file("server.key"),
        "trusted-ca-file": file("ca.crt"),
        "listen-client-urls": url,
        "advertise-client-urls": url,
      };
      await machine.start("etcd", [program, ...renderFlags(flags)]);
      const curl = ["curl", "-fsS", "--cacert", file("ca.crt"), "--cert", file("client.crt")];
      await machine.waitFor(
        "etcd",
        async () => (await machine.exec([...curl, "--key", file("client.key"), `${url}/health`])).code === 0,
      );
    },
    kill: async () => {
      await machine.ok(["pkill", "-9", "-x", "etcd"]);
      await machine.waitFor("its end", async () => (await machine.exec(["pgrep", "-x", "etcd"])).code !== 0);
    },
  };
  await server.start();
  return server;
}
