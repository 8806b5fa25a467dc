// `--logging component=level,…`: each occurrence starts from the defaults again. Upstream: pkg/config/cli.go.

import { controllerRole } from "../../roles/controller.ts";
import { defaultLogLevelsOf } from "../../roles/folds/names.ts";
import { workerRole } from "../../roles/worker.ts";
import { parsedFlag, splitList, splitPair } from "../core/flag.ts";

export const defaultLogLevels = defaultLogLevelsOf([...controllerRole, ...workerRole]);

/** All occurrences add up; upstream starts from the defaults at each, so that it silently forgets the ones before. */
export function parseLogLevels(texts: readonly string[]): Readonly<Record<string, string>> {
  const levels: Record<string, string> = { ...defaultLogLevels };
  for (const pair of texts.flatMap(splitList)) {
    const [key, level] = splitPair(pair);
    if (key === "") throw new Error(`component name cannot be empty in ${pair}`);
    if (!Object.hasOwn(defaultLogLevels, key)) {
      throw new Error(`unknown component ${key}, there are ${Object.keys(defaultLogLevels).join(", ")}`);
    }
    levels[key] = level;
  }
  return levels;
}

const defaultText = Object.entries(defaultLogLevels)
  .map(([key, level]) => `${key}=${level}`)
  .join(",");

export const loggingFlag = parsedFlag(
  "logging",
  "log level of each component",
  { value: defaultLogLevels, text: `[${defaultText}]` },
  parseLogLevels,
  { short: "l", type: "stringToString", repeatable: true },
);
