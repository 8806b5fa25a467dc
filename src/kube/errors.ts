// What the API server answered when it refused, as an error with fields to match on; source: metav1.Status.

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  retryAfterSeconds?: number;
  causes?: { reason?: string; message?: string; field?: string }[];
}

interface KubeErrorInit {
  status: number;
  reason?: string | undefined;
  message: string;
  details?: StatusDetails | undefined;
  retryAfterMs?: number | undefined;
}

export class KubeError extends Error {
  override readonly name = "KubeError";
  /** The HTTP status. */
  readonly status: number;
  /** metav1.StatusReason: `NotFound`, `AlreadyExists`, `Conflict`, `Forbidden`, `Expired`, …; empty when the server gave none. */
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** When the server asked to come back. */
  readonly retryAfterMs: number | undefined;

  constructor(init: KubeErrorInit) {
    super(init.message);
    this.status = init.status;
    this.reason = init.reason ?? "";
    this.details = init.details;
    this.retryAfterMs = init.retryAfterMs;
  }
}

/** No answer came: connection refused, reset, TLS failure or time-out. The cause says which. */
export class KubeConnectionError extends Error {
  override readonly name = "KubeConnectionError";

  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}

export function isKubeError(err: unknown, reason: string): err is KubeError {
  return err instanceof KubeError && err.reason === reason;
}

export function isNotFoundError(err: unknown): err is KubeError {
  return err instanceof KubeError && err.status === 404;
}

export function isConflict(err: unknown): err is KubeError {
  return isKubeError(err, "Conflict");
}

export function isAlreadyExists(err: unknown): err is KubeError {
  return isKubeError(err, "AlreadyExists");
}

/** The resource version of a list or watch is too old: list again. */
export function isExpired(err: unknown): err is KubeError {
  return (
    err instanceof KubeError && (err.status === 410 || err.reason === "Expired" || err.reason === "Gone")
  );
}

interface StatusBody {
  message?: string;
  reason?: string;
  code?: number;
  details?: StatusDetails;
}

/** Makes the error of an answer that is not 2xx; `what` is e.g. `GET /api/v1/nodes`. */
export function errorFromAnswer(
  what: string,
  status: number,
  body: string,
  retryAfter: string | null,
): KubeError {
  const parsed = parseStatus(body);
  const seconds = parsed?.details?.retryAfterSeconds ?? Number(retryAfter ?? 0);
  return new KubeError({
    status,
    reason: parsed?.reason,
    message: `${what}: ${parsed?.message ?? (body.trim().slice(0, 300) || `HTTP status ${status}`)}`,
    details: parsed?.details,
    retryAfterMs: millisecondsOf(seconds),
  });
}

/** Makes the error of a watch's ERROR event. */
export function errorFromStatus(what: string, status: unknown): KubeError {
  const body: StatusBody = isStatus(status) ? status : {};
  return new KubeError({
    status: body.code ?? 500,
    reason: body.reason,
    message: `${what}: ${body.message ?? "the watch ended with an error"}`,
    details: body.details,
    retryAfterMs: millisecondsOf(body.details?.retryAfterSeconds),
  });
}

/** An API server that has nothing to say about it writes zero. */
function millisecondsOf(seconds = 0): number | undefined {
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

function parseStatus(body: string): StatusBody | undefined {
  if (!body.startsWith("{")) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return isStatus(parsed) ? parsed : undefined;
  } catch {
    // Not JSON: the caller shows the text itself.
    return undefined;
  }
}

function isStatus(value: unknown): value is StatusBody {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
}
