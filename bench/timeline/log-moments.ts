// What the debug log of k0s tells of a start: src/supervisor/events.ts writes these lines. Pure.

export interface Moment {
  readonly component: string;
  readonly atMs: number;
  /** `starting`, `running`, `ready`, …, or `waits`. */
  readonly what: string;
  /** Of `waits`: for what, and why it is not so yet. */
  readonly text?: string;
}

const said = /msg="Component (has another state|waits)" (.*)$/;

/** In the order of the log; other lines are left out. */
export function logMoments(log: string): readonly Moment[] {
  return log.split("\n").flatMap((line): Moment[] => {
    const [, kind, rest = ""] = said.exec(line) ?? [];
    const component = field(rest, "component");
    const atMs = Number(field(rest, "atMs"));
    if (kind === undefined || component === undefined || !(atMs > 0)) return [];
    if (kind === "waits") return [{ component, atMs, what: "waits", text: field(rest, "waitingFor") ?? "" }];
    return [{ component, atMs, what: field(rest, "state") ?? "" }];
  });
}

function field(rest: string, name: string): string | undefined {
  const [, quoted, bare] = new RegExp(`(?:^| )${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|(\\S+))`).exec(rest) ?? [];
  return quoted?.replaceAll(/\\(.)/g, "$1") ?? bare;
}
