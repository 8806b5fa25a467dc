// What is wrong with drop-in files of containerd, so that a node would not run with them: told with the line, before they count.
// Pure. Upstream: internal/pkg/sysinfo/probes/containerd.go.

import { errorMessage } from "../../std/errors.ts";
import { parsedToml } from "./imported-settings.ts";
import { isOfKind, kindText, type Shape, settingsShape } from "./settings-shape.ts";
import { lineOf, lineOfSyntaxError } from "./toml-lines.ts";
import { at } from "./toml-value.ts";

export interface DropInFile {
  readonly path: string;
  readonly text: string;
}

export interface DropInFault {
  /** `value`: containerd, or its part for Kubernetes, would not begin. */
  readonly kind: "syntax" | "version" | "section" | "value";
  readonly line: number | undefined;
  readonly message: string;
}

export interface JointFault extends DropInFault {
  readonly path: string;
}

const oldSection = "io.containerd.grpc.v1.cri";
const images = ["plugins", "io.containerd.cri.v1.images"];
const runtime = ["plugins", "io.containerd.cri.v1.runtime"];
/** Without these there are no pods. */
const needed = ["cri", oldSection, "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"];

/** The first thing that is wrong with one file by itself. */
export function dropInFault(text: string): DropInFault | undefined {
  let settings: unknown;
  try {
    settings = Bun.TOML.parse(text);
  } catch (err) {
    return { kind: "syntax", line: lineOfSyntaxError(text), message: errorMessage(err) };
  }
  const version = at(settings, "version");
  if (version !== undefined && version !== 3)
    return {
      kind: "version",
      line: lineOf(text, ["version"]),
      message: `version ${JSON.stringify(version)}`,
    };
  if (at(settings, "plugins", oldSection) !== undefined)
    return { kind: "section", line: lineOf(text, ["plugins", oldSection]), message: oldSection };
  const wrong = misshapen(settings, settingsShape, []) ?? wrongPlugins(settings);
  return wrong && { kind: "value", line: lineOf(text, wrong.path), message: wrong.message };
}

interface WrongValue {
  readonly path: readonly string[];
  readonly message: string;
}

function misshapen(value: unknown, shape: Shape, path: readonly string[]): WrongValue | undefined {
  if (typeof shape === "string")
    return isOfKind[shape](value)
      ? undefined
      : { path, message: `${pathText(path)} has to be ${kindText[shape]}` };
  if (!isOfKind.table(value)) return { path, message: `${pathText(path)} has to be ${kindText.table}` };
  for (const [name, member] of Object.entries(value as object)) {
    const wanted = shape[name] ?? shape["*"];
    const wrong = wanted === undefined ? undefined : misshapen(member, wanted, [...path, name]);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongPlugins(settings: unknown): WrongValue | undefined {
  for (const field of ["disabled_plugins", "required_plugins"]) {
    const names = (at(settings, field) ?? []) as readonly string[];
    const nameless = names.find((name) => !name.includes("."));
    // In a file without a version containerd takes them for names of version 1.
    if (nameless !== undefined && at(settings, "version") !== undefined)
      return { path: [field], message: `${field}: ${nameless} is no plug-in, expected io.containerd.…` };
    const off = field === "disabled_plugins" ? names.find((name) => needed.includes(name)) : undefined;
    if (off !== undefined)
      return { path: [field], message: `${field}: without ${off} this node has no pods` };
  }
  return undefined;
}

/** In words. `runtimes`: as `jointFault` takes them; undefined where k0s' own file is an operator's. */
export function firstFault(
  files: readonly DropInFile[],
  runtimes: readonly string[] | undefined,
): string | undefined {
  for (const { path, text } of files) {
    const fault = dropInFault(text);
    if (fault !== undefined) return `${path}: ${faultText(fault)}`;
  }
  const together = runtimes === undefined ? undefined : jointFault(files, runtimes);
  return together && `${together.path}: ${faultText(together)}`;
}

/**
 * What is wrong with all of them together, and with what k0s says in its own file. `runtimes`: that are set up beside runc. Not to be asked
 * where the operator has taken over that file.
 */
export function jointFault(
  files: readonly DropInFile[],
  runtimes: readonly string[],
): JointFault | undefined {
  const parsed = files.map((file) => ({ ...file, settings: parsedToml(file.text) }));
  const saying = (...path: readonly string[]) =>
    parsed.findLast(({ settings }) => !isNothing(at(settings, ...path)));
  const fault = (file: DropInFile, path: readonly string[], message: string): JointFault => ({
    kind: "value",
    path: file.path,
    line: lineOf(file.text, path),
    message,
  });

  const defaultName = [...runtime, "containerd", "default_runtime_name"];
  const named = saying(...defaultName);
  const name = named && at(named.settings, ...defaultName);
  const offered = new Set([
    "runc",
    ...runtimes,
    ...parsed.flatMap(({ settings }) =>
      Object.keys(at(settings, ...runtime, "containerd", "runtimes") ?? {}),
    ),
  ]);
  // What a file imports itself may set it up.
  const isAll = parsed.every(({ settings }) => at(settings, "imports") === undefined);
  if (named !== undefined && isAll && typeof name === "string" && !offered.has(name))
    return fault(named, defaultName, `default_runtime_name: there is no runtime ${JSON.stringify(name)}`);

  const binDir = [...runtime, "cni", "bin_dir"];
  const beside = saying(...binDir);
  if (beside !== undefined)
    return fault(beside, binDir, "bin_dir cannot stand beside the bin_dirs of k0s: name it in bin_dirs");

  const mirrors = [...images, "registry", "mirrors"];
  const older = saying(...mirrors);
  if (older !== undefined && saying(...images, "registry", "config_path") !== undefined)
    return fault(older, mirrors, "mirrors cannot stand beside config_path");
  return undefined;
}

/** As `containerd config dump` writes down what is not set. */
function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === "" ||
    (isOfKind.table(value) && Object.keys(value as object).length === 0)
  );
}

function pathText(path: readonly string[]): string {
  return path.map((name) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))).join(".");
}

/** `line 4: …` */
export function faultText({ line, message }: DropInFault): string {
  return `${line === undefined ? "" : `line ${line}: `}${message}`;
}
