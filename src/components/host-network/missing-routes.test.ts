import { expect, test } from "bun:test";
import { missingRoutes, routedNetworks } from "./missing-routes.ts";

const head =
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       \n";
const line = (dev: string, destination: string, flags: string, mask: string): string =>
  `${dev}\t${destination}\t00000000\t${flags}\t0\t0\t0\t${mask}\t0\t0\t0\n`;
const services = "10.96.0.0/12";
const wanted = routedNetworks("calico", [services, "fd01::/108"]);

test("without routes everything is missing", () => {
  expect(missingRoutes(head, wanted)).toEqual(wanted);
  expect(missingRoutes("", wanted)).toEqual(wanted);
});

test("a default route covers everything", () => {
  expect(missingRoutes(head + line("eth0", "00000000", "0003", "00000000"), wanted)).toEqual([]);
});

test("what covers a part only does not count, what rejects neither", () => {
  const part = line("eth0", "0000600A", "0001", "0000FFFF"); // 10.96.0.0/16
  const refusing = line("*", "00000000", "0201", "00000000");
  expect(missingRoutes(head + part + refusing, wanted)).toEqual(wanted);
  expect(missingRoutes(head + line("lo", "0000600A", "0001", "0000F0FF"), wanted)).toEqual([
    "169.254.1.1/32",
  ]);
  expect(missingRoutes(head + line("lo", "0101FEA9", "0005", "FFFFFFFF"), wanted)).toEqual([services]);
});

test("only Calico's pods have a gateway that the host must know", () => {
  expect(routedNetworks("kuberouter", [services])).toEqual([services]);
  expect(wanted).toEqual([services, "169.254.1.1/32"]);
});
