import { expect, test } from "bun:test";
import { saysRemoved } from "./removal.ts";

const words = "the member has been permanently removed from the cluster";
const head = '{"level":"warn","ts":"2026-11-26T17:06:18.034545Z","caller":"etcdserver/server.go:849"';

test("etcd's own end is known in both of its formats", () => {
  expect(saysRemoved(`${head},"msg":"server error","error":"${words}"}`)).toBe(true);
  expect(
    saysRemoved(
      `2026-11-26T17:06:18.034Z\twarn\tetcdserver/server.go:849\tserver error\t{"error": "${words}"}`,
    ),
  ).toBe(true);
  expect(saysRemoved(`${head},"msg":"data-dir used by this member must be removed"}`)).toBe(false);
  expect(saysRemoved(`${head},"msg":"server error","error":"another one"}`)).toBe(false);
});

/** Of etcd 3.7.3, which got the words as the name of the server from a client without a certificate. */
const rejected = (name: string): string =>
  `{"level":"warn","ts":"2026-11-26T17:06:18.034545Z","caller":"embed/config_logging.go:194","msg":"rejected connection on peer endpoint","remote-addr":"127.0.0.1:47078","server-name":${JSON.stringify(name)},"error":"tls: client didn't provide a certificate"}`;

test("whoever reaches its port cannot make it say that", () => {
  const own = `"msg":"server error","error":"${words}"}`;
  for (const name of [words, own, `\tserver error\t{"error": "${words}"}`, `"}\n${head},${own}`]) {
    expect(saysRemoved(rejected(name))).toBe(false);
    // Long lines come in parts, wherever they are cut.
    const line = rejected(name);
    const parts = Array.from({ length: line.length }, (_, at) => [line.slice(0, at), line.slice(at)]).flat();
    expect(parts.filter(saysRemoved)).toEqual([]);
  }
});
