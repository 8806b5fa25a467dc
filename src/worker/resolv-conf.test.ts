import { expect, test } from "bun:test";
import { resolvConfFor } from "./resolv-conf.ts";

test("only the lone stub of systemd-resolved moves the file", () => {
  expect(resolvConfFor("nameserver 127.0.0.53\n", "10.0.0.1")).toEqual({
    path: "/run/systemd/resolve/resolv.conf",
  });
  expect(resolvConfFor("nameserver 127.0.0.53\nnameserver 1.1.1.1\n", "10.0.0.1")).toEqual({
    path: "/etc/resolv.conf",
  });
});

test("a host without name servers gets one that does not loop", () => {
  expect(resolvConfFor("", "10.0.0.1")).toEqual({ content: "nameserver 10.0.0.1\n" });
  expect(resolvConfFor("search example.org\n", "10.0.0.1")).toEqual({
    content: "search example.org\nnameserver 10.0.0.1\n",
  });
});
