import { expect, test } from "bun:test";
import { outcome } from "./testdata/made-host.ts";

const files = (etc: string, systemd?: string) => ({
  files: {
    "/etc/resolv.conf": etc,
    ...(systemd === undefined ? {} : { "/run/systemd/resolve/resolv.conf": systemd }),
  },
});
const probed = (etc: string, systemd?: string) => outcome("dns:resolver", files(etc, systemd));

test("what pods get of the name servers of the host", async () => {
  expect(await probed("nameserver 192.0.2.53\n")).toBe("pass 192.0.2.53");
  expect(await probed("nameserver 127.0.0.53\n", "nameserver 192.0.2.1\nnameserver 192.0.2.2\n")).toBe(
    "pass 127.0.0.53; pods get 192.0.2.1 192.0.2.2",
  );
  expect(await probed("nameserver 127.0.0.1\nnameserver 192.0.2.1\n")).toBe(
    "pass 127.0.0.1 192.0.2.1; pods get 192.0.2.1",
  );
});

test("a loop, and none at all", async () => {
  expect(await probed("nameserver 127.0.0.1\n")).toBe("warning 127.0.0.1 names servers on loopback alone");
  expect(await probed("nameserver 127.0.0.53\n")).toStartWith("warning 127.0.0.53");
  expect(await probed("search example.com\n")).toBe("warning  names no name server");
});
