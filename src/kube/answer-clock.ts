// When an API server has given a good answer last, whatever it was asked: who only wants to know whether it answers need not ask.

import type { TransportOptions } from "./transport.ts";

type Connect = NonNullable<TransportOptions["connect"]>;

export interface AnswerClock {
  /** Infinite before the first one. */
  sinceAnswerMs(): number;
  /** The same connections; their good answers are noted. */
  noting(connect: Connect): Connect;
}

export function answerClock(now: () => number = () => performance.now()): AnswerClock {
  let answeredAt = Number.NEGATIVE_INFINITY;
  return {
    sinceAnswerMs: () => now() - answeredAt,
    noting: (connect) => (server, credentials) => {
      const connections = connect(server, credentials);
      return {
        async fetch(url, init) {
          const answer = await connections.fetch(url, init);
          if (answer.ok) answeredAt = now();
          return answer;
        },
        close: () => connections.close(),
      };
    },
  };
}
