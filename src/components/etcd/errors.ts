// What etcd refused, told apart by its texts: the codes of the gateway are too coarse.

export class EtcdError extends Error {
  override readonly name = "EtcdError";
  /** The gRPC status code, where there was one. */
  readonly code: number | undefined;

  constructor(message: string, code: number | undefined) {
    super(message);
    this.code = code;
  }
}

const says =
  (words: string) =>
  (err: unknown): boolean =>
    err instanceof EtcdError && err.message.includes(words);

/** Another member is on its way in: etcd takes one at a time. */
export const isTooManyLearners = says("too many learner members");
/** A member has not been reachable for the last seconds. */
export const isUnhealthyCluster = says("unhealthy cluster");
export const isLearnerNotReady = says("in sync with leader");
/** It votes already. */
export const isNoLearner = (err: unknown): boolean =>
  says("can only promote a learner member")(err) && !isLearnerNotReady(err);
export const isMemberNotFound = says("member not found");
export const isServerStopped = says("server stopped");
