import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandProblem } from "./check-command.ts";
import { type DocumentedCommand, documentedCommands } from "./documented-commands.ts";
import { writtenPages } from "./pages.ts";
import { notCommands, runBy } from "./run-by.ts";

const top = join(import.meta.dir, "../..");
const pages = ["README.md", "CONTRIBUTING.md", "AGENTS.md", ...writtenPages(top)];
const read = (file: string): string => readFileSync(join(top, file), "utf8");
const commands = pages.flatMap((file) => documentedCommands(file, read(file)));
const textOf = ({ words }: DocumentedCommand): string => words.join(" ");
const where = (command: DocumentedCommand): string => `${command.file}:${command.line}: ${textOf(command)}`;

test("every command in the docs exists, with the flags it is shown with", async () => {
  expect(commands.length).toBeGreaterThan(80);
  const problems = await Promise.all(
    commands
      .filter((command) => !notCommands.includes(textOf(command)))
      .map(async (command) => {
        const problem = await commandProblem(command);
        return problem === undefined ? [] : [`${where(command)}: ${problem}`];
      }),
  );
  expect(problems.flat()).toEqual([]);
});

test("every command that can be copied is run by a test, or has a reason why not", () => {
  const shown = commands.filter(({ kind }) => kind === "block");
  expect(shown.filter((command) => !(textOf(command) in runBy)).map(where)).toEqual([]);
  // And the table names nothing that the docs do not show any more.
  const texts = new Set(shown.map(textOf));
  expect(Object.keys(runBy).filter((text) => !texts.has(text))).toEqual([]);
});

test("the tests that are named run the commands", () => {
  const missing = Object.entries(runBy).filter(
    ([, proof]) =>
      "file" in proof && !(existsSync(join(top, proof.file)) && read(proof.file).includes(proof.words)),
  );
  expect(missing).toEqual([]);
});

test("the Makefile explains its targets", () => {
  const { stdout, exitCode } = Bun.spawnSync(["make", "help"], { cwd: top });
  expect(exitCode).toBe(0);
  expect(stdout.toString()).toMatch(/^ {2}make run {2,}\S/m);
});

/** Paths of the repository that a page names: `src/…`, `test/…`, links. */
function namedPaths(file: string): readonly string[] {
  const text = read(file).replaceAll(/^\s*```[\s\S]*?^\s*```/gm, "");
  const spans = [...text.matchAll(/`((?:src|build|test|bench|docs|images|launcher|upstream)\/[^`\s]*)`/g)];
  const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].filter(
    ([, path = ""]) => !/^[a-z]+:/.test(path),
  );
  return [...spans.map(([, path = ""]) => path), ...links.map(([, path = ""]) => join(dirname(file), path))];
}

test("every path in the docs exists", () => {
  // `<name>` stands for any name.
  const exists = (path: string): boolean => {
    const pattern = path.replaceAll(/<[^>]+>/g, "*").replace(/\/$/, "");
    return pattern.includes("*")
      ? [...new Bun.Glob(pattern).scanSync({ cwd: top, onlyFiles: false })].length > 0
      : existsSync(join(top, pattern));
  };
  const missing = [...pages, ...new Bun.Glob("docs/adr/*.md").scanSync(top)].flatMap((file) =>
    namedPaths(file)
      .filter((path) => !exists(path))
      .map((path) => `${file}: ${path}`),
  );
  expect(missing).toEqual([]);
});

test("commands are found in blocks of every kind, without prompts, comments and redirections", () => {
  const page = [
    "Run `k0s status -o json`, then `sudo k0s stop`; see `k0s` and `status`.",
    "```console",
    "# ./k0s controller --single            a cluster on this host",
    "k0s-1 output",
    "$ make test     # everything",
    "```",
    "```sh",
    "sudo k0s worker --token-file token           # on the new host",
    "HTTPS_PROXY=http://proxy:3128 NO_PROXY=intranet k0s worker …",
    "wget http://example.com",
    "# a comment",
    "```",
    "```",
    "controller-1$ k0s token create --role worker                 > worker.token       # valid",
    "✖ node worker-7 has no tunnel",
    "```",
    "```yaml",
    "k0s: value",
    "```",
  ];
  expect(
    documentedCommands("page.md", page.join("\n")).map((command) => `${command.kind} ${textOf(command)}`),
  ).toEqual([
    "inline k0s status -o json",
    "inline k0s stop",
    "block k0s controller --single",
    "block make test",
    "block k0s worker --token-file token",
    "block k0s worker …",
    "block wget http://example.com",
    "block k0s token create --role worker",
  ]);
});

test.each<[DocumentedCommand["kind"], string, string | undefined]>([
  ["block", "k0s controller --single", undefined],
  ["block", "k0s controller --sinlge", "unknown flag: --sinlge"],
  ["block", "k0s sandbox create a b", expect.stringContaining("accepts at most 1")],
  ["block", "k0s sandbox exec big -- k0s statsu", expect.stringContaining("unknown command")],
  ["block", "k0s token", "only groups commands"],
  ["block", "make tset", "the Makefile has no target tset"],
  ["block", "wget http://example.com", "there is no wget"],
  ["inline", "k0s etcd leave --peer-address", undefined],
  ["inline", "k0s etcd leave --peer", "leave has no flag --peer"],
  ["inline", "k0s status -o json", undefined],
  ["inline", "k0s status -x", "status has no flag -x"],
  ["inline", "k0s sandbox destroy", "sandbox has no command destroy"],
])("%s `%s`: %p", async (kind, text, problem) => {
  expect(await commandProblem({ file: "", line: 1, kind, words: text.split(" ") })).toEqual(problem as never);
});
