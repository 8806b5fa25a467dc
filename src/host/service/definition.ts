// What a service manager has to know to run k0s. Upstream: pkg/install/service.go.

export type ServiceName = "k0scontroller" | "k0sworker";

/** Only one of them can be on a host; in the order in which they are looked for. */
export const serviceNames: readonly ServiceName[] = ["k0scontroller", "k0sworker"];

export const serviceDescription = "k0s - Zero Friction Kubernetes";

export interface ServiceDefinition {
  readonly name: ServiceName;
  /** Absolute path of the k0s file. */
  readonly program: string;
  /** The command and its flags: `controller`, `--config=/etc/k0s/k0s.yaml`. */
  readonly args: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** Of the installation that it runs, so that `reset` of another one leaves it alone. */
  readonly dataDir: string;
}

export interface ServiceFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

export interface ServiceLink {
  readonly path: string;
  /** Names that others may have given it in its directory since. */
  readonly renamed?: RegExp;
  readonly target: string;
}

/** A program of the host and its arguments. */
export type HostCommand = readonly [program: string, ...args: string[]];

/** What it has answered. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A service of such a manager is a directory with a supervisor of its own, which works in there. */
export interface Supervision {
  /** Exists once the manager looks after a service that has just been linked. */
  sign(name: ServiceName): string;
  /** Succeeds while it does. */
  query(name: ServiceName): HostCommand;
  /** Directories in that of the service which the supervisor makes for itself. */
  readonly workDirs: readonly string[];
}

/** How one service manager is told about a service, and asked for it. Values: nothing here touches the host. */
export interface InitSystem {
  /** As `k0s status` and upstream call it: `linux-systemd`. */
  readonly platform: string;
  /** For sentences: `systemd`. */
  readonly title: string;
  /** The definition, the file that tells whether the service is installed. */
  definition(service: ServiceDefinition): ServiceFile;
  definitionPath(name: ServiceName): string;
  /** What makes it start at boot, where that is a link and no command. */
  links(name: ServiceName): readonly ServiceLink[];
  /** Where the manager starts what is linked: the links are made by the first start, not by the installation. */
  readonly supervision?: Supervision;
  /** After the definition has been written or has changed. */
  register(name: ServiceName): readonly HostCommand[];
  /** Before the definition goes. */
  unregister(name: ServiceName): readonly HostCommand[];
  /** Whether one of these commands that failed has only found its work done. */
  readonly isUnregistered?: (answer: Answer) => boolean;
  /** Files that the service keeps while it runs, and would take with it if its manager always stopped it. */
  readonly leaves?: (name: ServiceName) => readonly string[];
  /** Directories that the manager has made for the service and leaves; they go if nothing is in them. */
  readonly leavesEmpty?: (name: ServiceName) => readonly string[];
  /** Files that get what k0s prints, where no journal does. `program`: the k0s file. */
  readonly logs?: (name: ServiceName, program: string) => readonly string[];
  /** After it is gone. */
  forget(name: ServiceName): readonly HostCommand[];
  start(name: ServiceName): HostCommand;
  stop(name: ServiceName): HostCommand;
  restart(name: ServiceName): HostCommand;
  /** Asks whether it runs, or is about to; `isRunning` reads the answer. */
  query(name: ServiceName): HostCommand;
  isRunning(answer: Pick<Answer, "code" | "stdout">): boolean;
}
