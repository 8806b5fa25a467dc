// `--logging component=level,…`: each occurrence starts from the defaults again, as upstream does. Reference §1.5.

import { loggingComponents, type ComponentLogLevels, type LoggingComponent } from "../../node/options.ts";
import { parsedFlag, splitList, splitPair } from "../core/flag.ts";

export const defaultLogLevels: ComponentLogLevels = {
  containerd: "info",
  etcd: "info",
  "konnectivity-server": "1",
  "kube-apiserver": "1",
  "kube-controller-manager": "1",
  "kube-scheduler": "1",
  kubelet: "1",
};

/** All occurrences add up; upstream starts from the defaults at each of them and so forgets the ones before in silence. */
export function parseLogLevels(texts: readonly string[]): ComponentLogLevels {
  const levels: Record<LoggingComponent, string> = { ...defaultLogLevels };
  for (const pair of texts.flatMap(splitList)) {
    const [key, level] = splitPair(pair);
    if (key === "") throw new Error(`component name cannot be empty in ${pair}`);
    if (!isLoggingComponent(key)) {
      throw new Error(`unknown component ${key}, there are ${loggingComponents.join(", ")}`);
    }
    levels[key] = level;
  }
  return levels;
}

function isLoggingComponent(name: string): name is LoggingComponent {
  return (loggingComponents as readonly string[]).includes(name);
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
