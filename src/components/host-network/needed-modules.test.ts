import { expect, test } from "bun:test";
import { loadNeededModules } from "./needed-modules.ts";

const signal = AbortSignal.timeout(5_000);

test("each module is loaded; one that is missing is named, with what needs it", async () => {
  const loaded: string[] = [];
  const load = async (name: string): Promise<void> => {
    if (name === "none") throw new Error("modprobe none failed");
    loaded.push(name);
  };
  await loadNeededModules(["wireguard"], load, signal);
  expect(loaded).toEqual(["wireguard"]);
  const refused = await loadNeededModules(["none"], load, signal).catch((err: unknown) => String(err));
  expect(refused).toContain("the network of this cluster needs the kernel module none: modprobe none failed");
});
