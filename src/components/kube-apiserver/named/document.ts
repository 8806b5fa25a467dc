// A file of Kubernetes' own format, checked as strictly as kube-apiserver reads it, so that a start can refuse it by file and
// line.

import { dirname } from "node:path";
import * as z from "zod";
import { foldDocument } from "../../../config/fold-document.ts";
import { issueProblem } from "../../../config/issue-message.ts";
import { type ConfigProblem, problemLines } from "../../../config/problem.ts";
import { UserError } from "../../../std/errors.ts";
import { parseYaml } from "../../../std/yaml.ts";
import { type YamlPath, yamlPositions } from "../../../std/yaml-positions.ts";

/** Another file that it names, which kube-apiserver must be able to read. */
export interface Reference {
  readonly path: YamlPath;
  readonly file: string;
}

interface Findings {
  readonly problems: readonly ConfigProblem[];
  readonly refers?: readonly Reference[];
}

/** One kind of file: what it may hold, and what is wrong with it that a schema cannot say. */
export interface FileKind<Schema extends z.ZodType = z.ZodType> {
  readonly kind: string;
  /** Versions of its group that kube-apiserver takes. */
  readonly versions: readonly string[];
  /** Fields that it does not know kube-apiserver passes over, with a warning in its log. */
  readonly lenient?: true;
  readonly schema: Schema;
  /** What a file means that has an older form; other documents come back as they are. */
  readonly modern?: (document: unknown, path: string) => unknown;
  /** `dir`: of the file, where paths in it begin. */
  check(data: z.infer<Schema>, dir: string): Findings;
}

export interface NamedFile {
  /** Of the file. */
  readonly path: string;
  /** That names it: `spec.security.oidc`. */
  readonly field: string;
  readonly text: string;
}

interface CheckedFile<Schema extends z.ZodType> {
  readonly data: z.infer<Schema>;
  readonly refers: readonly Reference[];
  /** The error that tells problems with their places. */
  readonly fail: (problems: readonly ConfigProblem[]) => UserError;
}

/** The fields that every such file has. */
export const typeFields = { apiVersion: z.string(), kind: z.string() };

/** Throws a UserError that names file, line and field of everything that is wrong. */
export function checkFile<Schema extends z.ZodType>(
  fileKind: FileKind<Schema>,
  file: NamedFile,
): CheckedFile<Schema> {
  const { kind, versions, lenient = false, schema, modern = (document: unknown) => document } = fileKind;
  const document = modern(parseYaml(file.text, { source: file.path }) ?? {}, file.path);
  const fail = (problems: readonly ConfigProblem[]): UserError => failure(problems, kind, file);
  assertKind(document, kind, file);
  const folded = foldDocument(schema, document, { exactNames: true });
  const parsed = schema.safeParse(folded.value, { jitless: true });
  const issues = parsed.error?.issues.map((issue) => issueProblem(issue, folded.value)) ?? [];
  const unknown = lenient ? [] : folded.problems;
  const wrong = [...unknown, ...versionProblems(document, versions), ...issues];
  if (!parsed.success || wrong.length > 0) throw fail(wrong);
  const { problems, refers = [] } = fileKind.check(parsed.data, dirname(file.path));
  if (problems.length > 0) throw fail(problems);
  return { data: parsed.data, refers, fail };
}

const typed = z.looseObject({ apiVersion: z.string().optional(), kind: z.string() });

function assertKind(document: unknown, kind: string, file: NamedFile): void {
  const parsed = typed.safeParse(document);
  const found = parsed.success ? parsed.data.kind : "none";
  if (found === kind) return;
  const { line, column } = yamlPositions(file.text).value(["kind"]);
  throw new UserError(`${file.path}:${line}:${column} (${file.field}) has kind ${found}, not ${kind}`, {
    code: "bad-security-file",
    hint: "Name the right file, or correct it.",
  });
}

function versionProblems(document: unknown, versions: readonly string[]): ConfigProblem[] {
  const { apiVersion } = typed.parse(document);
  if (apiVersion === undefined || versions.includes(apiVersion)) return [];
  const message = `${JSON.stringify(apiVersion)} is not ${versions.join(" or ")}`;
  return [{ path: ["apiVersion"], message }];
}

function failure(problems: readonly ConfigProblem[], kind: string, file: NamedFile): UserError {
  const positions = yamlPositions(file.text);
  const lines = problemLines(problems, {
    source: file.path,
    locate: ({ path, at }) => (at === "key" ? positions.key(path) : positions.value(path)),
  });
  const summary = lines.length === 1 ? "" : `${file.path} has ${lines.length} mistakes:\n`;
  return new UserError(`${summary}${lines.join("\n")}`, {
    code: "bad-security-file",
    hint: `kube-apiserver reads it as ${kind} (${file.field}): correct it, or leave the field out.`,
  });
}
