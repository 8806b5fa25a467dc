import { describe, expect, test } from "bun:test";
import { array, assert, constant, constantFrom, integer, oneof, property, record } from "fast-check";
import {
  afterRewriting,
  nextStep,
  plain,
  type Report,
  type Ring,
  ringOfNewCluster,
  ringOfOldCluster,
  ringToPublish,
  ringWithStray,
  type Situation,
} from "./ring.ts";

const now = "2026-01-01T00:00:00Z";

/** A cluster whose controllers read what is written with what, as kube-apiserver does it. */
class World {
  ring: Ring;
  request: string | undefined;
  readonly reports = new Map<string, Report>();
  /** What the API server of each works with. */
  readonly loaded = new Map<string, readonly string[]>();
  readonly wants: Map<string, boolean>;
  /** With what each Secret was written. */
  readonly secrets: string[] = [];
  private made = 1;

  constructor(ring: Ring, wants: Readonly<Record<string, boolean>>) {
    this.ring = ring;
    this.wants = new Map(Object.entries(wants));
    for (const name of this.names) this.loaded.set(name, ring.providers);
  }

  get names(): readonly string[] {
    return [...this.wants.keys()];
  }

  write(name: string): void {
    this.secrets.push(this.loaded.get(name)?.[0] ?? plain);
  }

  /** This controller takes over the ring and confirms. */
  follow(name: string): void {
    this.loaded.set(name, this.ring.providers);
    this.reports.set(name, { revision: this.ring.revision, wants: this.wants.get(name) === true });
  }

  /** `by`: the leader. */
  lead(by: string): string {
    this.made += 1;
    const step = nextStep(this.situation());
    if (step.kind === "write") this.ring = step.ring;
    if (step.kind === "rewrite") {
      this.secrets.fill(this.loaded.get(by)?.[0] ?? plain);
      this.ring = afterRewriting(this.ring, this.secrets.length, now);
    }
    return step.kind;
  }

  situation(): Situation {
    const { ring, reports, names: controllers, request } = this;
    return { ring, reports, controllers, request, now, newKey: `key-${this.made}` };
  }

  /** Every controller can read every Secret. */
  readable(): boolean {
    return [...this.loaded.values()].every((keys) => this.secrets.every((key) => keys.includes(key)));
  }

  settle(): void {
    for (let round = 0; round < 50; round += 1) {
      for (const name of this.names) this.follow(name);
      this.lead(this.names[0] ?? "");
    }
  }
}

const three = { a: true, b: true, c: true };

describe("whatever happens in which order", () => {
  const event = oneof(
    {
      weight: 4,
      arbitrary: record({ kind: constant("follow" as const), who: integer({ min: 0, max: 2 }) }),
    },
    {
      weight: 4,
      arbitrary: record({ kind: constant("lead" as const), who: integer({ min: 0, max: 2 }) }),
    },
    {
      weight: 3,
      arbitrary: record({ kind: constant("write" as const), who: integer({ min: 0, max: 2 }) }),
    },
    { weight: 1, arbitrary: record({ kind: constant("rotate" as const), who: integer() }) },
    {
      weight: 1,
      arbitrary: record({ kind: constant("want" as const), who: integer({ min: 0, max: 2 }) }),
    },
  );

  test("every controller can read every Secret at any time, and in the end one key is left", () => {
    const ran = property(
      array(event, { minLength: 20, maxLength: 120 }),
      constantFrom(ringOfNewCluster(now), ringOfOldCluster(now)),
      (events, ring) => {
        const world = new World(ring, three);
        for (const [index, { kind, who }] of events.entries()) {
          const name = world.names[who] ?? "a";
          if (kind === "follow") world.follow(name);
          if (kind === "lead") world.lead(name);
          if (kind === "write") world.write(name);
          if (kind === "rotate") world.request = `request-${index}`;
          if (kind === "want") world.wants.set(name, world.wants.get(name) !== true);
          if (!world.readable()) return false;
        }
        for (const name of world.names) world.wants.set(name, true);
        world.settle();
        const { phase, providers, target } = world.ring;
        return (
          phase === "stable" &&
          target !== plain &&
          providers.length === 1 &&
          world.secrets.every((key) => key === target)
        );
      },
    );
    assert(ran, { numRuns: 400 });
  });
});

test("a rotation, step by step: read everywhere, write everywhere, write again, take away", () => {
  const world = new World(ringOfNewCluster(now), three);
  world.settle();
  world.write("b");
  expect(world.ring).toMatchObject({ phase: "stable", providers: ["key-1"] });
  world.request = "one";
  const seen: string[] = [];
  for (let round = 0; world.ring.phase !== "stable" || seen.length === 0; round += 1) {
    world.lead("a");
    const { phase, providers } = world.ring;
    seen.push(`${phase} ${providers.map((name) => (name === "key-1" ? "old" : "new")).join(" ")}`);
    for (const name of world.names) world.follow(name);
  }
  expect(seen).toEqual([
    "reading old new",
    "writing new old",
    "rewriting new old",
    "removing new",
    "stable new",
  ]);
  expect(nextStep(world.situation())).toEqual({ kind: "rest" });
});

test("nothing goes on before every controller has confirmed, also one that is down", () => {
  const world = new World(ringOfNewCluster(now), three);
  world.settle();
  world.request = "one";
  world.lead("a");
  world.follow("a");
  world.follow("b");
  expect(nextStep(world.situation())).toEqual({ kind: "wait", for: ["c"] });
});

test("as long as controllers differ in what they want, it stays as it is", () => {
  const world = new World(ringOfNewCluster(now), three);
  world.settle();
  world.wants.set("a", false);
  world.settle();
  expect(world.ring).toMatchObject({ phase: "stable", providers: ["key-1"] });
  for (const name of world.names) world.wants.set(name, false);
  world.write("a");
  world.settle();
  expect(world.ring).toMatchObject({ phase: "stable", providers: [plain] });
  expect(world.secrets).toEqual([plain]);
  for (const name of world.names) world.wants.set(name, true);
  world.settle();
  expect(world.ring.target).toStartWith("key-");
  expect(world.ring.target).not.toBe("key-1");
});

test("what nobody wants any more before it has begun is given up, though others never took part", () => {
  const world = new World(ringOfOldCluster(now), { a: true });
  const situation = { ...world.situation(), controllers: ["a", "b"] };
  world.follow("a");
  expect(nextStep({ ...situation, reports: world.reports })).toEqual({ kind: "wait", for: ["b"] });
  world.wants.set("a", false);
  world.follow("a");
  expect(nextStep({ ...situation, reports: world.reports })).toMatchObject({
    kind: "write",
    ring: { phase: "removing", providers: [plain] },
  });
});

test("Secrets are not written again while one that has come back writes with a key of before", () => {
  const world = new World({ ...ringOfNewCluster(now), phase: "rewriting" }, three);
  for (const name of world.names) world.follow(name);
  expect(nextStep(world.situation())).toEqual({ kind: "rewrite" });
  world.reports.set("c", { revision: 0, wants: true });
  expect(nextStep(world.situation())).toEqual({ kind: "wait", for: ["c"] });
});

test("an order to rotate is done with a change that takes the key away anyway", () => {
  const world = new World(ringOfNewCluster(now), three);
  world.settle();
  world.request = "one";
  for (const name of world.names) world.wants.set(name, false);
  world.settle();
  expect(world.ring).toMatchObject({ phase: "stable", target: plain, request: "one" });
});

describe("a cluster that knows no ring, though its controllers do", () => {
  test("can read what is plain, and has it written again", () => {
    const world = new World(ringOfNewCluster(now), three);
    world.settle();
    world.reports.clear();
    world.secrets.push(plain);
    world.ring = ringToPublish(world.ring, now);
    for (const name of world.names) world.follow(name);
    expect(world.readable()).toBe(true);
    world.settle();
    expect(world.ring).toMatchObject({ phase: "stable", providers: ["key-1"] });
    expect(world.secrets).toEqual(["key-1"]);
  });

  test("goes on in the middle of a rotation", () => {
    const ring: Ring = {
      revision: 7,
      phase: "reading",
      providers: ["key-1", "key-2"],
      target: "key-2",
      since: now,
    };
    const found = ringToPublish(ring, now);
    expect(found).toEqual({ ...ring, revision: 8, providers: ["key-1", "key-2", plain] });
    const world = new World(found, three);
    world.secrets.push("key-1", plain);
    world.settle();
    expect(world.ring).toMatchObject({ phase: "stable", providers: ["key-2"] });
    expect(world.secrets).toEqual(["key-2", "key-2"]);
  });

  test("keeps one that reads what is plain", () => {
    const ring = ringOfNewCluster(now);
    expect(ringToPublish(ring, now)).toBe(ring);
  });
});

test("what one that was away has written with a key of before is read by all, and written again", () => {
  const world = new World(ringOfNewCluster(now), three);
  world.settle();
  world.write("a");
  world.request = "one";
  world.settle();
  expect(world.ring).toMatchObject({ phase: "stable" });
  expect(ringWithStray(world.ring, world.ring.target, now)).toBeUndefined();
  world.loaded.set("c", ["key-1"]);
  world.write("c");
  world.ring = ringWithStray(world.ring, "key-1", now) ?? world.ring;
  for (const name of world.names) world.follow(name);
  expect(world.readable()).toBe(true);
  world.settle();
  expect(world.ring).toMatchObject({ phase: "stable", providers: [world.ring.target] });
  expect(new Set(world.secrets)).toEqual(new Set([world.ring.target]));
});

test("such a key keeps the order in which a rotation goes on", () => {
  const ring: Ring = {
    revision: 7,
    phase: "reading",
    providers: ["key-2", "key-3"],
    target: "key-3",
    since: now,
  };
  expect(ringWithStray(ring, "key-1", now)).toMatchObject({
    revision: 8,
    phase: "reading",
    providers: ["key-2", "key-3", "key-1"],
  });
  const late: Ring = { ...ring, phase: "rewriting", providers: ["key-3", "key-2"] };
  expect(ringWithStray(late, "key-1", now)).toMatchObject({
    phase: "writing",
    providers: ["key-3", "key-2", "key-1"],
  });
});
