// The parts of a kubectl command line that k0s must understand: its own flags, which kubeconfig, which command or plug-in.
// Everything else is kubectl's. Upstream: cmd/kubectl/kubectl.go.

/** Commands of kubectl 1.37, so that an unknown one can be told apart from a plug-in without starting kubectl. */
export const kubectlCommands: readonly string[] = words(
  "annotate alpha api-resources api-versions apply attach auth autoscale certificate",
  "cluster-info completion config cordon cp create debug delete describe diff drain",
  "edit events exec explain expose get help kuberc kustomize label logs options",
  "patch plugin port-forward proxy replace rollout run scale set taint top",
  "uncordon version wait __complete __completeNoDesc",
);

const flagsWithValue: ReadonlySet<string> = new Set(
  words(
    "--as --as-group --as-uid --as-user-extra --cache-dir --certificate-authority --client-certificate",
    "--client-key --cluster --context --kubeconfig --kuberc --log-flush-frequency --namespace -n",
    "--password --profile --profile-output --request-timeout --server -s --tls-server-name --token",
    "--user --username --v -v --vmodule",
  ),
);
const flagsWithoutValue: ReadonlySet<string> = new Set(
  words(
    "--disable-compression --help -h --insecure-skip-tls-verify --match-server-version --warnings-as-errors",
  ),
);

/** Commands that need no cluster. */
const localCommands: ReadonlySet<string> = new Set(
  words("completion config help kuberc kustomize options plugin __complete __completeNoDesc"),
);

export interface KubectlArguments {
  /** For kubectl, without the flags that only k0s knows. */
  readonly args: readonly string[];
  readonly dataDir: string | undefined;
  readonly kubeconfig: boolean;
  /** True if an alias file of the user may define further commands. */
  readonly kuberc: boolean;
  /** The words before the first flag that follows the command: the command, or parts of a plug-in's name. */
  readonly words: readonly string[];
  /** A flag in front of the command that kubectl does not know globally. */
  readonly unknownFlag: string | undefined;
  /** Works without any kubeconfig. */
  readonly local: boolean;
}

export function readKubectlArguments(all: readonly string[]): KubectlArguments {
  const end = all.indexOf("--");
  const before = end < 0 ? all : all.slice(0, end);
  const { args, dataDir } = takeOwnFlags(before);
  const { words, unknownFlag } = scanWords(args);
  const [command] = words;
  return {
    args: [...args, ...(end < 0 ? [] : all.slice(end))],
    dataDir,
    kubeconfig: hasFlag(args, "--kubeconfig"),
    kuberc: hasFlag(args, "--kuberc"),
    words,
    unknownFlag,
    local:
      command === undefined ||
      localCommands.has(command) ||
      args.includes("--help") ||
      args.includes("-h") ||
      (command === "version" && args.some((arg) => arg === "--client" || arg === "--client=true")),
  };
}

/** Names of the files that kubectl would run for these words, most specific first. */
export function pluginNames(words: readonly string[]): string[] {
  const parts = words.map((word) => word.replaceAll("-", "_"));
  return parts.map((_, index) => `kubectl-${parts.slice(0, parts.length - index).join("-")}`);
}

function takeOwnFlags(all: readonly string[]): { args: string[]; dataDir: string | undefined } {
  const args: string[] = [];
  let dataDir: string | undefined;
  for (let at = 0; at < all.length; at++) {
    const arg = all[at] ?? "";
    if (arg === "--data-dir") dataDir = all[++at];
    else if (arg.startsWith("--data-dir=")) dataDir = arg.slice("--data-dir=".length);
    else if (!/^--debug(=|$)/.test(arg)) args.push(arg);
  }
  return { args, dataDir };
}

function scanWords(args: readonly string[]): { words: string[]; unknownFlag: string | undefined } {
  const words: string[] = [];
  let unknownFlag: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (!arg.startsWith("-")) {
      words.push(arg);
      continue;
    }
    if (words.length > 0) break;
    const name = arg.split("=")[0] ?? "";
    if (flagsWithValue.has(name)) {
      if (!arg.includes("=")) at++;
    } else if (!flagsWithoutValue.has(name) && !/^-[nsv]./.test(arg)) {
      unknownFlag ??= name;
    }
  }
  return { words, unknownFlag };
}

function hasFlag(args: readonly string[], name: string): boolean {
  return args.some((arg) => arg === name || arg.startsWith(`${name}=`));
}

function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(" "));
}
