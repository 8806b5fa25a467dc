// A record that a power cut spoilt, on a host where k0s cannot start either.

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readInstallationRecord } from "../config/installation-record.ts";
import { nodePaths } from "../product/paths.ts";
import { silentLogger } from "../std/logfmt.ts";
import { beginInstallation, noteRecord, proveInstallation } from "./installation.ts";

test("a reset that means this very directory goes by what a node has left in it", async () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-cut-off-")));
  try {
    const paths = nodePaths({ dataDir: join(dir, "k0s"), runDir: join(dir, "run") });
    await beginInstallation(paths, silentLogger());
    writeFileSync(join(paths.dataDir, "installation.json"), '{"kind": "k0s inst');
    const meant = () => proveInstallation(paths, undefined, { evenCutOff: true });
    expect(await meant().catch((err: unknown) => err)).toMatchObject({
      code: "cut-off-installation-record",
      hint: expect.stringContaining(`k0s reset --yes --data-dir ${paths.dataDir}`),
    });
    mkdirSync(paths.binDir);
    const staged = { part: "etcd", sha256: "x", dir: paths.binDir, files: [] };
    writeFileSync(join(paths.binDir, ".part-etcd.json"), JSON.stringify(staged));
    writeFileSync(paths.workerProfileCache, "x");
    expect(proveInstallation(paths)).rejects.toThrow("ends in the middle");
    const { record } = await meant();
    expect(record).toMatchObject({ dataDir: paths.dataDir, users: [], sysctlsBefore: {} });
    expect(record?.absentBefore).not.toContain("/usr/libexec");
    expect(await noteRecord(record)).toBe(true);
    expect(await readInstallationRecord(paths.dataDir)).toEqual(record);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
