import { expect, test } from "bun:test";
import { assert, property, shuffledSubarray } from "fast-check";
import { anchor, otherAnchor } from "./testdata/anchors.ts";
import { isSameTrust, joinTrust, parseTrust, sharesAnchor } from "./trust-bundle.ts";

const both = joinTrust(anchor, otherAnchor);

test("a file with one certificate is written as it was read", () => {
  expect(parseTrust(anchor.pem, "ca.crt")).toEqual(anchor);
  expect(anchor.anchors).toHaveLength(1);
});

test("several certificates, whatever stands around and between them", () => {
  const text = `# before\nsubject=CN = a\n${anchor.pem.trimEnd()}\r\n\n-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n${otherAnchor.pem}${anchor.pem}`;
  expect(parseTrust(text, "ca.crt")).toEqual(both);
  expect(parseTrust(both.pem, "ca.crt")).toEqual(both);
});

test("it is a set: neither order nor repetition counts, nor how the text is laid out", () => {
  const texts = [anchor.pem, otherAnchor.pem, `${anchor.pem}\n`, otherAnchor.pem.replaceAll("\n", "\r\n")];
  const some = shuffledSubarray(texts, { minLength: 1 });
  assert(
    property(some, some, (one, other) => {
      const [a, b] = [one, other].map((all) => new Set(all.map((text) => texts.indexOf(text) % 2)));
      const [first, second] = [one, other].map((all) => parseTrust(all.join(""), "ca.crt"));
      if (a === undefined || b === undefined || first === undefined || second === undefined)
        throw new Error();
      expect(isSameTrust(first, second)).toBe(a.symmetricDifference(b).size === 0);
      expect(sharesAnchor(first, second)).toBe(!a.isDisjointFrom(b));
      expect(joinTrust(first, second).anchors).toHaveLength(a.union(b).size);
    }),
  );
});

test("no certificate and a damaged one are said, with the name of the file", () => {
  for (const [text, why] of [
    ["", "it holds no certificate in PEM form"],
    ["garbage", "it holds no certificate in PEM form"],
    [anchor.pem.slice(0, 200), "it holds no certificate in PEM form"],
    // Programs in Go see neither of them, nor one behind the mark that editors put in front.
    [anchor.pem.trimEnd() + otherAnchor.pem, "it holds no certificate in PEM form"],
    [`\u{FEFF}${anchor.pem}`, "it holds no certificate in PEM form"],
    [`${anchor.pem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`, "is damaged"],
  ] as const)
    expect(() => parseTrust(text, "/pki/ca.crt")).toThrow(new RegExp(`^/pki/ca.crt cannot .*${why}`));
});
