import { describe, expect, test } from "bun:test";
import { assert, bigInt, integer, property, tuple } from "fast-check";
import {
  cidrFamily,
  cidrsOverlap,
  contains,
  formatCidr,
  hostBits,
  nthAddress,
  parseCidr,
  tryParseCidr,
} from "./cidr.ts";
import { ipFamily, ipToNumber, isUnspecified, joinHostPort, normalizeIp, numberToIp } from "./ip.ts";

const cidr4 = tuple(bigInt(0n, 2n ** 32n - 1n), integer({ min: 0, max: 32 })).map(
  ([n, p]) => `${numberToIp(n, 4)}/${p}`,
);
const cidr6 = tuple(bigInt(0n, 2n ** 128n - 1n), integer({ min: 0, max: 128 })).map(
  ([n, p]) => `${numberToIp(n, 6)}/${p}`,
);

describe("cidr", () => {
  test("parses as Go does", () => {
    expect(formatCidr("10.96.3.4/12")).toBe("10.96.0.0/12");
    expect(cidrFamily("fd00::/108")).toBe(6);
    expect(hostBits("10.96.0.0/29")).toBe(3);
    for (const text of [
      "",
      "10.0.0.0",
      "10.0.0.0/33",
      "010.0.0.0/8",
      "fd00::/129",
      "10.0.0.0/",
      "10.0.0/8",
      "fe80::1%eth0/64",
    ]) {
      expect(tryParseCidr(text)).toBeUndefined();
    }
    expect(() => parseCidr("x")).toThrow('invalid CIDR "x"');
  });

  test("overlap, contains, nth address", () => {
    expect(cidrsOverlap("10.0.0.0/8", "10.96.0.0/12")).toBe(true);
    expect(cidrsOverlap("10.244.0.0/16", "10.96.0.0/12")).toBe(false);
    expect(cidrsOverlap("0.0.0.0/0", "::/0")).toBe(false);
    expect(contains("10.96.0.0/12", "10.111.255.255")).toBe(true);
    expect(contains("10.96.0.0/12", "fd00::1")).toBe(false);
    expect(nthAddress("10.96.0.0/12", 10)).toBe("10.96.0.10");
    expect(nthAddress("fd00::/108", 1)).toBe("fd00::1");
    expect(() => nthAddress("10.96.0.0/32", 1)).toThrow(RangeError);
  });

  test("law: first and last address are inside, the ones beside are not", () => {
    for (const cidrs of [cidr4, cidr6]) {
      assert(
        property(cidrs, (text) => {
          const cidr = parseCidr(text);
          expect(contains(cidr, numberToIp(cidr.start, cidr.family))).toBe(true);
          expect(contains(cidr, numberToIp(cidr.end, cidr.family))).toBe(true);
          if (cidr.start > 0n) expect(contains(cidr, numberToIp(cidr.start - 1n, cidr.family))).toBe(false);
          expect(parseCidr(formatCidr(cidr))).toEqual(cidr);
        }),
      );
    }
  });

  test("law: overlap is symmetric, and two networks overlap only if one holds the other's start", () => {
    assert(
      property(cidr4, cidr4, (a, b) => {
        expect(cidrsOverlap(a, b)).toBe(cidrsOverlap(b, a));
        expect(cidrsOverlap(a, b)).toBe(
          contains(a, parseCidr(b).network) || contains(b, parseCidr(a).network),
        );
      }),
    );
  });
});

describe("ip", () => {
  test("families and spellings", () => {
    expect([ipFamily("1.2.3.4"), ipFamily("::1"), ipFamily("1.2.3"), ipFamily("fe80::1%eth0")]).toEqual([
      4,
      6,
      undefined,
      undefined,
    ]);
    expect(normalizeIp("FD00:0:0::0001")).toBe("fd00::1");
    expect(isUnspecified("0:0::0")).toBe(true);
    expect(isUnspecified("0.0.0.1")).toBe(false);
    expect(joinHostPort("fd00::1", 6443)).toBe("[fd00::1]:6443");
    expect(() => ipToNumber("nope")).toThrow("invalid IP address");
  });

  test("law: number and text convert back and forth", () => {
    assert(property(bigInt(0n, 2n ** 128n - 1n), (n) => ipToNumber(numberToIp(n, 6)) === n));
  });
});
