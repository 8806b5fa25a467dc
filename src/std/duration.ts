// Durations in Go's notation (`1m30s`, `8760h`), in milliseconds.

const unitMs = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);
const whole = /^([-+]?)((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/u;
const piece = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gu;

/** Milliseconds of a Go duration string. Throws on anything else. */
export function parseDuration(text: string): number {
  const ms = tryParseDuration(text);
  if (ms === undefined) throw new Error(`invalid duration ${JSON.stringify(text)}; write e.g. 1m30s or 24h`);
  return ms;
}

/** Like parseDuration, undefined for anything else than a Go duration. */
export function tryParseDuration(text: string): number | undefined {
  if (/^[-+]?0$/.test(text)) return 0;
  if (!whole.test(text)) return undefined;
  let ms = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(piece))
    ms += Number(amount) * (unitMs.get(unit) ?? 0);
  return text.startsWith("-") ? -ms : ms;
}

/** What Go's Duration.String() prints: `1m30s`, `8760h0m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  const nanoseconds = Math.round(Math.abs(ms) * 1e6);
  if (nanoseconds === 0) return "0s";
  const sign = ms < 0 ? "-" : "";
  if (nanoseconds < 1e3) return `${sign}${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${sign}${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${sign}${nanoseconds / 1e6}ms`;
  const wholeSeconds = Math.floor(nanoseconds / 1e9);
  const fraction = String(Math.round(nanoseconds % 1e9))
    .padStart(9, "0")
    .replace(/0+$/, "");
  const seconds = `${wholeSeconds % 60}${fraction === "" ? "" : `.${fraction}`}s`;
  const minutes = Math.floor(wholeSeconds / 60);
  if (minutes === 0) return sign + seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60}m${seconds}`;
}
