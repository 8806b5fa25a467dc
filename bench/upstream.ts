// What upstream k0s needs for the same, where it was measured: twice, and not under the same conditions. Pure.

export type Occasion = "alone" | "beside";

export const occasions: Readonly<Record<Occasion, string>> = {
  alone:
    "August 2026, on two cores with nothing else, cgroup v1: upstream k0s built from its main branch, default configuration with kube-router, images from a bundle",
  beside: "2026-11-26, beside this k0s, in turns, medians, on a machine that did other work too",
};

export interface UpstreamFigure {
  readonly taken: Occasion;
  /** In the row's unit: a median, or lowest and highest where none was kept. */
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
  readonly note?: string;
}

const alone = (figure: Omit<UpstreamFigure, "taken">): UpstreamFigure => ({ taken: "alone", ...figure });
const beside = (value: number): UpstreamFigure => ({ taken: "beside", value });

const singleStart = {
  api: [alone({ value: 5.5, low: 4.5, high: 8.6 }), beside(5.7)],
  node: [alone({ value: 19, low: 17, high: 28 })],
  pods: [alone({ value: 70, low: 58, high: 104 }), beside(66)],
};
const singleIdle = {
  memory: [alone({ value: 1090 }), beside(1068)],
  anonymous: [beside(463)],
  // 3.7 and 0.09 s a minute.
  cpu: [alone({ low: 9, high: 10 }), beside(6.2)],
  ownCpu: [beside(0.15)],
};
const command = { note: "either command", value: 84 };

const figures: Readonly<Record<string, readonly UpstreamFigure[]>> = {
  "file-size": [alone({ value: 402, note: "a bundle of 110 included" }), beside(395)],
  "version-time": [alone({ low: 90, high: 120 })],
  "version-memory": [alone(command)],
  "status-time": [alone({ low: 100, high: 150 })],
  "status-memory": [alone(command)],
  "single-api": singleStart.api,
  "single-node": singleStart.node,
  "single-pods": singleStart.pods,
  "kuberouter-api": singleStart.api,
  "kuberouter-node": singleStart.node,
  "kuberouter-pods": singleStart.pods,
  "controller-api": [alone({ low: 6.2, high: 7.3 }), beside(8.1)],
  "controller-api-cpu": [beside(4.65)],
  "restart-api": [alone({ value: 3.5 }), beside(4.8)],
  "controller-restart-api": [alone({ value: 5.5 })],
  reboot: [alone({ value: 64 })],
  "single-idle-memory": singleIdle.memory,
  "single-idle-anonymous": singleIdle.anonymous,
  "single-idle-cpu": singleIdle.cpu,
  "single-idle-supervisor-cpu": singleIdle.ownCpu,
  "single-idle-disk": [alone({ value: 941, note: "without the bundle" })],
  "kuberouter-idle-memory": singleIdle.memory,
  "kuberouter-idle-anonymous": singleIdle.anonymous,
  "kuberouter-idle-cpu": singleIdle.cpu,
  "kuberouter-idle-supervisor-cpu": singleIdle.ownCpu,
  "controller-idle-memory": [alone({ value: 722 }), beside(737)],
  "controller-idle-anonymous": [beside(386)],
  "controller-idle-supervisor": [alone({ value: 138, note: "two processes" })],
  // 2.87 and 0.18 s a minute.
  "controller-idle-cpu": [alone({ value: 7 }), beside(4.8)],
  "controller-idle-supervisor-cpu": [beside(0.3)],
  "controller-idle-log": [alone({ value: 242 })],
  manifest: [alone({ value: 1.05 })],
  "kill-apiserver": [alone({ low: 7.4, high: 8.6 }), beside(7.8)],
  stop: [alone({ value: 2, note: "pods are left running" })],
  "write-1-p99": [beside(28)],
};

/** Rows of which something is known. */
export const upstreamRows: readonly string[] = Object.keys(figures);

export function upstreamOf(row: string): readonly UpstreamFigure[] {
  return figures[row] ?? [];
}
