import { expect, test } from "bun:test";
import { throwsWordsAway } from "./thrown-away-words.ts";

test.each([
  "const ask = `until wget -qO- ${url} 2>/dev/null; do sleep 0.1; done`;",
  "sh -c 'iptables-save &>/dev/null'",
  "sh -c 'iptables-save >/dev/null 2>&1'",
  "cat file 2> /dev/null",
  "cat file 2>&-",
  "curl -sk https://localhost:6443/",
  'const ask = ["curl", "--silent", "--max-time", "5", url];',
  "npm install --silent bun",
  'Bun.spawn(argv, { stdout: "pipe", stderr: "ignore" })',
  'spawnSync(program, args, { stdio: "ignore" })',
  'spawnSync(program, args, { stdio: ["ignore", "pipe", "ignore"] })',
  "const info = await stat(path).catch(() => undefined);",
  'readFile(path).catch(() => "")',
])("%s", (line) => {
  expect(throwsWordsAway(line)).toBe(true);
  expect(throwsWordsAway(line, "  // words: the answer is its exit code")).toBe(false);
});

test.each([
  "curl -sSk https://localhost:6443/",
  'const ask = ["curl", "--silent", "--show-error", "--max-time", "5", url];',
  'const curl = ["curl", "-fsS", "--cacert", file("ca.crt")];',
  "make --silent build",
  "ip link show mine0 >/dev/null",
  "openssl s_client -connect a:1 </dev/null",
  'spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] })',
  'spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] })',
  "await sleep(20, signal).catch(() => undefined);",
  "look.catch((err: unknown) => (isNotFound(err) ? undefined : Promise.reject(err)))",
])("%s says what went wrong", (line) => expect(throwsWordsAway(line)).toBe(false));
