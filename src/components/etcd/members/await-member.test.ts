import { expect, test } from "bun:test";
import { UserError } from "../../../std/errors.ts";
import type { Logger } from "../../../std/log.ts";
import { silentLog } from "../../../supervisor/testdata/recording-log.ts";
import { awaitMember } from "./await-member.ts";

const own = "https://10.0.0.3:2380";
const initialCluster = ["c1=https://10.0.0.1:2380", "c2=https://10.0.0.2:2380", `c3=${own}`];

function join(gone: readonly string[], log: Logger = silentLog): Promise<{ waits: string[]; err: unknown }> {
  const waits: string[] = [];
  const wait = {
    initialCluster,
    ownPeerUrl: own,
    log,
    waiting: {
      because: ({ message }: { message: string }) => void waits.push(message),
      over: () => void waits.push("nothing"),
    },
    signal: new AbortController().signal,
    patienceMs: 0,
    unreachable: (url: string) => Promise.resolve(gone.includes(url) ? "no answer within 2s" : undefined),
  };
  return awaitMember(wait).then(
    () => ({ waits, err: undefined }),
    (err: unknown) => ({ waits, err }),
  );
}

test("one member that answers is enough, and the other one is named", async () => {
  const warned: unknown[] = [];
  const log = { ...silentLog, warn: (_: string, fields: unknown) => void warned.push(fields) } as Logger;
  expect(await join(["https://10.0.0.2:2380"], log)).toEqual({ waits: ["nothing"], err: undefined });
  expect(warned).toEqual([{ member: "c2 at https://10.0.0.2:2380: no answer within 2s" }]);
});

test("when none answers, all are named; this host itself is not asked", async () => {
  const { err } = await join(["https://10.0.0.1:2380", "https://10.0.0.2:2380", own]);
  expect(err).toBeInstanceOf(UserError);
  expect(String(err)).toContain(
    "cannot join: no member of the etcd cluster answers: c1 at https://10.0.0.1:2380: no answer within 2s; c2 at https://10.0.0.2:2380",
  );
});
