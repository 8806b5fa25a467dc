import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { encodeJoinToken } from "./join-token.ts";
import { shownArguments } from "./shown-arguments.ts";
import { anchor } from "../std/testdata/anchors.ts";

const bootstrap = fc.stringMatching(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
const joinToken = bootstrap.map((token) =>
  encodeJoinToken({
    server: "https://10.0.0.1:6443",
    ca: anchor,
    token,
    role: "worker",
    expires: undefined,
  }),
);

test("no join token is shown, whole, cut short or broken into lines, wherever it stands", () => {
  const how = fc.constantFrom(
    (token: string) => token,
    (token: string) => token.slice(0, Math.max(24, token.length >> 1)),
    (token: string) => `${token.slice(0, 60)}\n${token.slice(60)} `,
  );
  const where = fc.constantFrom(
    (token: string) => ["k0s", "worker", token],
    (token: string) => ["k0s", "worker", "--debug", token, "--data-dir", "/d"],
    (token: string) => ["k0s", "worker", `--kubelet-extra-args=--x=${token}`],
  );
  fc.assert(
    fc.property(fc.oneof(joinToken, bootstrap), how, where, (token, spell, place) => {
      const given = spell(token);
      fc.pre(given.startsWith("H4sI") || given.trim() === token);
      const shown = shownArguments(place(given)).join("\n");
      // Not even a part of it.
      const parts = given.replaceAll(/\s/g, "").match(/.{12}/g) ?? [];
      return shown.includes("xxxxx") && !parts.some((part) => shown.includes(part));
    }),
  );
});

test("passwords in arguments are not shown, everything else is", () => {
  expect(
    shownArguments([
      "k0s",
      "controller",
      "--kube-controller-manager-extra-args=--x=https://me:pw%40x@db:1/?a=b",
    ]),
  ).toEqual(["k0s", "controller", "--kube-controller-manager-extra-args=--x=https://me:xxxxx@db:1/?a=b"]);
  expect(shownArguments(["--kubelet-extra-args=--y=password=geheim,b"])).toEqual([
    "--kubelet-extra-args=--y=password=xxxxx,b",
  ]);
  const plain = [
    "k0s",
    "worker",
    "--token-file",
    "/root/token",
    "--labels=a.b/c=d",
    "--config=/etc/k0s/k0s.yaml",
  ];
  expect(shownArguments(plain)).toEqual(plain);
});
