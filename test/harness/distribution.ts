// A real registry (distribution) for tests: with TLS by an authority of its own, for one user with a password. It is filled
// before it serves.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { dumpYaml } from "../../src/std/yaml.ts";
import { pollUntil } from "../../src/std/wait.ts";
import { issueCa, issueLeaf } from "../../src/pki/issue.ts";
import { registryProgram } from "./programs/registry-program.ts";
import type { TokenServer, TokenServerOptions } from "./token-server.ts";
import { pushImage, type PushedImage } from "./push-image.ts";

export interface Distribution extends AsyncDisposable {
  /** `127.0.0.1:PORT`, or with the address that was asked for: as images of it are named. */
  readonly name: string;
  /** PEM of the authority that has to be trusted. */
  readonly ca: string;
  readonly user: string;
  readonly password: string;
  /** Docker's config.json with user and password. */
  readonly dockerConfig: string;
  /** Method, path and status of every request so far. */
  requests(): readonly string[];
  /** It answers nothing until it goes on. */
  pause(): void;
  goOn(): void;
}

export interface DistributionOptions {
  readonly images: readonly PushedImage[];
  /** Default: one that is free. */
  readonly port?: number;
  /** Where it serves; default: this host's. */
  readonly networkNamespace?: string;
  /** Default: 127.0.0.1, of which containerd takes any certificate. */
  readonly address?: string;
  /** Without TLS. */
  readonly plainHttp?: boolean;
  /** It asks for a token of this server, which runs on this host, in place of the password itself. */
  readonly tokens?: (options: TokenServerOptions) => TokenServer;
}

const loopback = "127.0.0.1";
const [user, password] = ["us", "se:cret"] as const;

export async function startDistribution(options: DistributionOptions): Promise<Distribution> {
  const { address = loopback } = options;
  const dir = await mkdtemp(join(tmpdir(), "distribution-"));
  const storage = { filesystem: { rootdirectory: join(dir, "storage") } };
  const common = { version: 0.1, log: { level: "info", accesslog: { disabled: false } }, storage };
  {
    const addr = `${loopback}:${await freePort()}`;
    await using filling = await serve(dir, "filling", { ...common, http: { addr } }, undefined);
    for (const image of options.images) await pushImage(`http://${addr}`, image);
    await filling.stopped();
  }
  const ca = await issueCa({ cn: "registry-ca", expiresMs: 86_400_000, keyType: "p256" });
  const sans = [address];
  const leaf = await issueLeaf({ cn: "registry", expiresMs: 86_400_000, keyType: "p256", ca, sans });
  const file = (name: string): string => join(dir, name);
  await writeFile(file("tls.crt"), leaf.cert);
  await writeFile(file("tls.key"), leaf.key, { mode: 0o600 });
  const hash = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });
  await writeFile(file("htpasswd"), `${user}:${hash}\n`);
  const name = `${address}:${options.port ?? (await freePort())}`;
  const tokens = options.tokens?.({ leaf, user, password });
  await writeFile(file("ca.crt"), ca.cert);
  const config = {
    ...common,
    http: {
      addr: name,
      ...(options.plainHttp === true ? {} : { tls: { certificate: file("tls.crt"), key: file("tls.key") } }),
    },
    auth:
      tokens === undefined
        ? { htpasswd: { realm: "tests", path: file("htpasswd") } }
        : {
            token: {
              realm: tokens.realm,
              service: tokens.service,
              issuer: tokens.issuer,
              rootcertbundle: file("ca.crt"),
            },
          },
  };
  const serving = await serve(dir, "serving", config, options.networkNamespace);
  return {
    name,
    ca: ca.cert,
    user,
    password,
    dockerConfig: JSON.stringify({ auths: { [name]: { auth: btoa(`${user}:${password}`) } } }),
    requests: () =>
      serving.lines.flatMap(
        (line) => /"((?:GET|HEAD) \S+) HTTP\/[\d.]+" (\d+)/.exec(line)?.slice(1).join(" ") ?? [],
      ),
    pause: () => serving.signal("SIGSTOP"),
    goOn: () => serving.signal("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      serving.signal("SIGCONT");
      await serving.stopped();
      tokens?.[Symbol.dispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

interface Serving extends AsyncDisposable {
  readonly lines: readonly string[];
  signal(name: NodeJS.Signals): void;
  stopped(): Promise<void>;
}

async function serve(
  dir: string,
  name: string,
  config: object,
  namespace: string | undefined,
): Promise<Serving> {
  const file = join(dir, `${name}.yaml`);
  await writeFile(file, dumpYaml(config));
  const within = namespace === undefined ? [] : ["nsenter", `--net=${namespace}`];
  const child = Bun.spawn([...within, await registryProgram(), "serve", file], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { OTEL_TRACES_EXPORTER: "none" },
  });
  const lines: string[] = [];
  const reading = Promise.all([readLines(child.stdout, lines), readLines(child.stderr, lines)]);
  const stopped = async (): Promise<void> => {
    child.kill();
    await child.exited;
    await reading;
  };
  await pollUntil(
    () => {
      if (child.exitCode !== null) throw new Error(`the registry ended: ${lines.join("\n")}`);
      return lines.some((line) => line.includes("listening on"));
    },
    { what: "the registry", intervalMs: 50, timeoutMs: 60_000 },
  );
  return { lines, signal: (name) => child.kill(name), stopped, [Symbol.asyncDispose]: stopped };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, loopback, resolve);
  await promise;
  const found = server.address();
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
  if (found === null || typeof found === "string") throw new Error("no port is free");
  return found.port;
}

async function readLines(stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  for await (const line of createInterface({ input: Readable.fromWeb(stream as never) })) lines.push(line);
}
