import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type Advertisement, decodeAdvertisement, encodeAdvertisement } from "./advertisement.ts";
import {
  beginElection,
  type ElectionSettings,
  type ElectionState,
  masterDownMs,
  nextDue,
  onAdvertisement,
  onTime,
} from "./election.ts";

const byte = fc.integer({ min: 0, max: 255 });
const advertisement: fc.Arbitrary<Advertisement> = fc.record({
  virtualRouterId: fc.integer({ min: 1, max: 255 }),
  priority: byte,
  intervalSeconds: fc.integer({ min: 1, max: 255 }),
  addresses: fc.array(
    fc.tuple(byte, byte, byte, byte).map((parts) => parts.join(".")),
    { minLength: 1, maxLength: 5 },
  ),
  password: fc.stringMatching(/^[!-~]{1,8}$/),
});

describe("advertisement", () => {
  test("is read as it was written, and not at all when a bit is wrong", () => {
    fc.assert(
      fc.property(advertisement, fc.nat(), (given, position) => {
        const bytes = encodeAdvertisement(given);
        expect(decodeAdvertisement(bytes)).toEqual(given);
        const bit = position % (bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(decodeAdvertisement(bytes)).toBeUndefined();
      }),
    );
  });

  test("has the layout of RFC 2338", () => {
    const bytes = encodeAdvertisement({
      virtualRouterId: 51,
      priority: 200,
      intervalSeconds: 1,
      addresses: ["10.0.0.9"],
      password: "secret",
    });
    expect(bytes.toString("hex")).toBe("2133c8010101cf740a0000097365637265740000");
  });
});

const settings = (number: number): ElectionSettings => ({
  priority: 200,
  intervalMs: 1000,
  address: `10.0.0.${number}`,
});

/** Runs routers against each other in virtual time; every packet arrives at once unless its receiver is cut off. */
function simulate(count: number, endMs: number, deaf: (router: number, now: number) => boolean): number[][] {
  const own = Array.from({ length: count }, (_, index) => settings(index + 1));
  const states: ElectionState[] = own.map((one) => beginElection(one, 0));
  const masters: number[][] = [];
  const say = (from: number, now: number): void => {
    for (const [to, one] of own.entries()) {
      if (to === from || deaf(to, now) || deaf(from, now)) continue;
      const heard = { priority: 200, address: own[from]?.address ?? "" };
      const step = onAdvertisement(states[to]!, one, heard, now);
      states[to] = step.state;
      if (step.actions.includes("advertise")) say(to, now);
    }
  };
  for (let now = 0; now <= endMs; now += 50) {
    for (const [index, one] of own.entries()) {
      if (nextDue(states[index]!) > now) continue;
      const step = onTime(states[index]!, one, now);
      states[index] = step.state;
      if (step.actions.includes("advertise")) say(index, now);
    }
    masters.push(states.flatMap(({ role }, index) => (role === "master" ? [index] : [])));
  }
  return masters;
}

describe("election", () => {
  test("routers that hear each other have one master, and another one soon after it falls silent", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), (count) => {
        const down = masterDownMs(settings(1));
        const first = simulate(count, 6000, () => false).at(-1);
        expect(first).toHaveLength(1);
        const silent = (router: number, now: number): boolean => router === first?.[0] && now >= 6000;
        const later = simulate(count, 6000 + down + 200, silent).at(-1);
        // The silent one does not know that nobody hears it.
        expect(later?.filter((index) => index !== first?.[0])).toHaveLength(1);
      }),
    );
  });

  test("one that comes back takes nothing; two masters become one", () => {
    const away = (router: number, now: number): boolean => router === 2 && now >= 6000 && now < 20_000;
    const history = simulate(3, 30_000, away);
    expect(history.at(19_000 / 50)).toHaveLength(2);
    expect(history.at(-1)).toHaveLength(1);
  });

  test("a master that resigns is followed at once", () => {
    const backup = beginElection(settings(1), 0);
    const { state } = onAdvertisement(backup, settings(1), { priority: 0, address: "10.0.0.2" }, 100);
    expect(nextDue(state)).toBeLessThan(100 + 300);
  });
});
