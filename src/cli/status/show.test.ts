import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StatusReport } from "../../status/protocol.ts";
import { status } from "./show.ts";

const well: StatusReport = {
  Version: "v1.37.2+k0s.0",
  Pid: 42,
  PPid: 0,
  Role: "worker",
  SysInit: "",
  StubFile: "",
  Output: "",
  Workloads: true,
  SingleNode: false,
  Args: ["k0s", "worker"],
  WorkerToAPIConnectionStatus: { Message: "", Success: true },
  ClusterConfig: null,
  K0sVars: {},
  StartedAt: "2026-11-23T10:00:00Z",
  Healthy: true,
  Problems: [],
  Components: [],
  Details: {},
};
const unwell: StatusReport = { ...well, Healthy: false, Problems: ["kubelet has failed: no disk"] };

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-show-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Exit code and output of `k0s status`, while a k0s answers with `report`. */
async function run(report: StatusReport, out: string): Promise<{ code: number; text: string }> {
  const statusSocket = join(dir, "status.sock");
  const server = Bun.serve({ unix: statusSocket, fetch: () => Response.json(report) });
  let text = "";
  const io = {
    out: (part: string) => void (text += part),
    err: () => undefined,
    signal: AbortSignal.timeout(5_000),
    terminal: { stdout: false, stderr: false, stdin: false },
    root: true,
  };
  try {
    return { code: await status({ statusSocket, out }, io), text };
  } finally {
    await server.stop(true);
  }
}

test("the text's exit code says whether the node is well", async () => {
  expect((await run(well, "")).code).toBe(0);
  const { code, text } = await run(unwell, "");
  expect(code).toBe(1);
  expect(text).toStartWith("✖ kubelet has failed: no disk\n");
});

test("data of a node that is unwell are an answer all the same: k0sctl would install over it", async () => {
  for (const [format, parse] of [
    ["json", JSON.parse],
    ["yaml", Bun.YAML.parse],
  ] as const) {
    const { code, text } = await run(unwell, format);
    expect(code).toBe(0);
    expect(parse(text)).toMatchObject({ Pid: 42, Healthy: false, Problems: unwell.Problems });
  }
});

test("where no k0s answers there are no data, and no exit code 0", async () => {
  const io = {
    out: () => undefined,
    err: () => undefined,
    signal: AbortSignal.timeout(5_000),
    terminal: { stdout: false, stderr: false, stdin: false },
    root: true,
  };
  const asked = status({ statusSocket: join(dir, "nobody.sock"), out: "json" }, io).catch(
    (err: Error) => err.message,
  );
  expect(await asked).toBe("no k0s answers on this host");
});
