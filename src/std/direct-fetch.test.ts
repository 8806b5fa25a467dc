import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = `
const { directFetch, directSession } = await import(process.argv.at(-1));
const dir = process.argv.at(-2);
const local = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("local") });
const unix = Bun.serve({ unix: dir + "/socket", fetch: () => new Response("unix") });
const url = "http://127.0.0.1:" + local.port + "/";
const session = directSession({});
const answers = [
  await directFetch(url),
  await directFetch(url.replace("127.0.0.1", "localhost")),
  await directFetch("http://localhost/", { unix: dir + "/socket" }),
  await session.fetch(url),
];
console.log((await Promise.all(answers.map((answer) => answer.text()))).join(" "));
process.exit(0);
`;

test.each([
  ["both", { HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" }],
  ["small letters", { http_proxy: "http://127.0.0.1:9", https_proxy: "http://127.0.0.1:9" }],
  ["all but some", { HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "10.0.0.0/8" }],
])("no proxy of the environment is asked: %s", async (_, env) => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-direct-"));
  const args = ["-e", script, dir, join(import.meta.dir, "direct-fetch.ts")];
  const child = Bun.spawn([process.execPath, ...args], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdout: "pipe",
  });
  expect(await new Response(child.stdout).text()).toBe("local local unix local\n");
  rmSync(dir, { recursive: true, force: true });
});
