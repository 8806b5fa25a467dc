// Controllers that want to start their processes again, at one store of leases: who may when, whatever API servers do.

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { errorMessage } from "../../std/errors.ts";
import { pollUntil, sleep } from "../../std/wait.ts";
import { type Logged, recordingLog } from "../../supervisor/testdata/recording-log.ts";
import { firstThatAnswers } from "./api-servers.ts";
import { type Rollout, rollout, rolloutLease, type RolloutTiming } from "./rollout.ts";
import { leaseStore } from "./testdata/lease-store.ts";

const timing: RolloutTiming = {
  lease: { leaseDurationMs: 400, renewDeadlineMs: 300, retryPeriodMs: 10 },
  lookMs: 10,
  ownDownMs: 1_000,
};

setDefaultTimeout(30_000);
const stopping: AbortController[] = [];
afterEach(() => {
  for (const stop of stopping.splice(0)) stop.abort();
});

interface Machine {
  readonly name: string;
  readonly rollout: Rollout;
  readonly log: Logged[];
  /** Of its API server: why it is not ready. */
  trouble: string | undefined;
  /** Its lease as a controller has run out: nobody asks whether it is ready. */
  forgotten: boolean;
  clock: number;
  roll<T>(work: () => Promise<T>): Promise<T>;
  /** As by SIGKILL. */
  kill(): void;
}

function controllers(...names: readonly string[]): readonly Machine[] {
  const store = leaseStore();
  const machines: Machine[] = [];
  const doors = names.map(() => store.server());
  for (const [index, name] of names.entries()) {
    const stop = new AbortController();
    stopping.push(stop);
    let dead = false;
    const log: Logged[] = [];
    const own = doors[index];
    const others = doors.filter((door) => door !== own);
    const leases = firstThatAnswers(() =>
      [own, ...others].map((door) => async () => {
        if (door === undefined || dead) throw new Error("dead");
        door.away = door === own && machine.trouble !== undefined;
        return door;
      }),
    );
    const machine: Machine = {
      name,
      log,
      trouble: undefined,
      forgotten: false,
      clock: 0,
      rollout: rollout({
        holder: { identity: `run of ${name}` },
        log: recordingLog(log),
        timing,
        now: () => machine.clock,
        servers: {
          leases,
          ownTrouble: async () => machine.trouble,
          othersNotReady: async () =>
            machines
              .filter((other) => other !== machine && !other.forgotten && other.trouble !== undefined)
              .map((other) => `${other.name} (${other.trouble})`),
        },
      }),
      roll: (work) => machine.rollout.alone(work, stop.signal),
      kill: () => {
        dead = true;
        stop.abort(new Error("killed"));
      },
    };
    machines.push(machine);
  }
  return machines;
}

function three(): readonly [Machine, Machine, Machine] {
  const [a, b, c] = controllers("a", "b", "c");
  if (a === undefined || b === undefined || c === undefined) throw new Error("too few");
  return [a, b, c];
}

const until = (what: string, probe: () => boolean): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 20_000 });

test("of all that want to at once one works at a time, and everyone gets its turn", async () => {
  const machines = three();
  let [working, most] = [0, 0];
  const done: string[] = [];
  await Promise.all(
    machines.map((machine) =>
      machine.roll(async () => {
        most = Math.max(most, ++working);
        machine.trouble = "starts";
        await sleep(30);
        machine.trouble = undefined;
        working -= 1;
        done.push(machine.name);
      }),
    ),
  );
  expect([most, done.toSorted()]).toEqual([1, ["a", "b", "c"]]);
});

test("it waits until the API servers of the others are ready, and says once for which", async () => {
  const [a, b] = three();
  b.trouble = "503";
  let worked = false;
  const rolling = a.roll(async () => (worked = true));
  await until("a word", () => a.log.some(({ message }) => message.startsWith("Waiting for the other")));
  await sleep(50);
  expect(worked).toBe(false);
  b.trouble = undefined;
  await rolling;
  expect(a.log.filter(({ fields }) => fields["missing"] !== undefined)).toMatchObject([
    { fields: { missing: "b (503)" } },
  ]);
});

test("a turn lasts while its API server is away for longer than the lease: others renew it", async () => {
  const [a, b] = three();
  const events: string[] = [];
  a.forgotten = true;
  const first = a.roll(async () => {
    a.trouble = "starts";
    events.push("a begins");
    await sleep(1_500);
    events.push("a ends");
    a.trouble = undefined;
  });
  await until("its turn", () => events.length > 0);
  const second = b.roll(async () => void events.push("b begins"));
  await Promise.all([first, second]);
  expect(events).toEqual(["a begins", "a ends", "b begins"]);
});

test("work that fails gives the turn back", async () => {
  const [a, b] = three();
  const failed: unknown = await a
    .roll(async () => {
      throw new Error("does not run with it");
    })
    .catch((err: unknown) => err);
  expect(errorMessage(failed)).toBe("does not run with it");
  expect(await b.roll(async () => "done")).toBe("done");
});

test("while its API server is not back after work that failed, nobody else begins; it may try again", async () => {
  const [a, b] = three();
  const events: string[] = [];
  a.forgotten = true;
  await a
    .roll(async () => {
      a.trouble = "gone";
      throw new Error("nor could it go back");
    })
    .catch((err: unknown) => events.push(errorMessage(err)));
  const second = b.roll(async () => void events.push("b begins"));
  await sleep(600);
  expect(events).toEqual(["nor could it go back"]);
  a.clock += timing.ownDownMs;
  const again = a.roll(async () => {
    events.push("a tries again");
    a.trouble = undefined;
  });
  await sleep(50);
  a.clock += timing.ownDownMs;
  await Promise.all([again, second]);
  expect(events).toEqual(["nor could it go back", "a tries again", "b begins"]);
});

test("a controller whose own API server is away waits for nobody", async () => {
  const [a, b] = three();
  b.trouble = "503";
  a.trouble = "refused";
  let worked = false;
  const rolling = a.roll(async () => {
    worked = true;
    a.trouble = undefined;
  });
  await sleep(50);
  expect(worked).toBe(false);
  a.clock += timing.ownDownMs;
  await rolling;
  expect(a.log.some(({ message }) => message.includes("no other controller is waited for"))).toBe(true);
});

test("after one that was killed in its turn the next one begins when the lease has run out", async () => {
  const [a, b] = three();
  const begun = performance.now();
  const killed = a
    .roll(() => new Promise<void>((_, reject) => setTimeout(() => reject(new Error("killed")), 50)))
    .catch(errorMessage);
  await sleep(30);
  a.kill();
  expect(await b.roll(async () => "done")).toBe("done");
  expect(performance.now() - begun).toBeGreaterThan(timing.lease.leaseDurationMs - 20);
  expect(await killed).toBe("killed");
});

test("the end of k0s ends the waiting", async () => {
  const [a, b] = three();
  b.trouble = "503";
  const waiting = a.roll(async () => "done").catch(errorMessage);
  await sleep(30);
  a.kill();
  expect(await waiting).toBe("killed");
});

test("an API server that refuses has answered, one that does not answer is passed over", async () => {
  const store = leaseStore();
  const [one, two] = [store.server(), store.server()];
  const client = firstThatAnswers(() => [async () => one, async () => two]);
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: rolloutLease } };
  one.away = true;
  await client.create(lease, {});
  expect(store.leases.has(rolloutLease)).toBe(true);
  one.away = false;
  two.find = () => Promise.reject(new Error("nobody should ask"));
  expect(errorMessage(await client.create(lease, {}).catch((err: unknown) => err))).toBe("AlreadyExists");
  [one.away, two.away] = [true, true];
  expect(errorMessage(await client.update(lease, {}).catch((err: unknown) => err))).toBe(
    "connection refused",
  );
});

test("that its own API server is ready a moment after its work is nothing to warn of; if it stays away, it is", async () => {
  const [a, b] = three();
  const warned = (): boolean => a.log.some(({ message }) => message.startsWith("The own API server is not"));
  const events: string[] = [];
  await a.roll(async () => {
    a.trouble = "starts";
    // As after a start, until the hooks of kube-apiserver have ended.
    setTimeout(() => {
      events.push("a is ready");
      a.trouble = undefined;
    }, 5);
  });
  await b.roll(async () => events.push("b"));
  expect([events, warned()]).toEqual([["a is ready", "b"], false]);
  await a.roll(async () => (a.trouble = "503"));
  await until("a word", warned);
});
