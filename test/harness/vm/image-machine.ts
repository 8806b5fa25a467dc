// A machine that boots an image for users: nothing of the tests is inside, so it is known by its console and by what it
// serves. It boots by the BIOS and the loader of the disk.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { describeEnd } from "../../../src/std/program-end.ts";
import { consolePath } from "./qemu-arguments.ts";
import { readConsole } from "./qemu-process.ts";
import { createOverlayDisk } from "./overlay-disk.ts";

/** The end of a cable between two machines. */
export type Cable =
  /** Of the first machine, which has the way to this host as well. */
  | { readonly listens: number; readonly forwarded: Readonly<Record<number, number>> }
  | { readonly connects: number };

export interface ImageMachineOptions {
  /** Raw; nobody writes to it. */
  readonly image: string;
  /** Disks that can only be read. */
  readonly disks?: readonly string[];
  readonly memoryMiB: number;
  readonly cable?: Cable;
  readonly mac: string;
}

export interface ImageMachine extends AsyncDisposable {
  /** All that its console has said. */
  console(): Promise<string>;
  /** Undefined while it runs. */
  ended(): string | undefined;
}

const diskSize = "20G";
/** Of the card that this host's loopback reaches; its address is 10.0.2.15. */
export const hostMac = "52:54:00:00:00:0f";

export async function startImage(options: ImageMachineOptions): Promise<ImageMachine> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-image-"));
  const disk = join(dir, "disk.qcow2");
  await createOverlayDisk(options.image, disk, diskSize);
  const argv = ["--pdeathsig=KILL", "qemu-system-x86_64", ...imageArguments(options, { dir, disk })];
  const child = spawn("setpriv", argv, { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  let end: string | undefined;
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  const closed = new Promise<void>((resolve) => {
    child.once("error", (err) => {
      end ??= String(err);
      resolve();
    });
    child.once("close", (code, signal) => {
      end ??= `qemu ${describeEnd({ code, signal })}: ${words}`;
      resolve();
    });
  });
  return {
    console: () => readConsole(dir, 2_000),
    ended: () => end,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await closed;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function imageArguments(
  { disks = [], memoryMiB, cable, mac }: ImageMachineOptions,
  { dir, disk }: { readonly dir: string; readonly disk: string },
): readonly string[] {
  const words = (line: string): string[] => line.split(" ");
  const drive = (file: string, options: string): string[] => [
    "-drive",
    `if=virtio,file=${file.replaceAll(",", ",,")},${options}`,
  ];
  return [
    ...words("-nodefaults -no-user-config -display none -no-reboot"),
    ...words("-machine q35,hpet=off -accel tcg,thread=multi -cpu max,la57=off,smap=off"),
    ...words(`-smp 2 -m ${memoryMiB}M`),
    "-chardev",
    `file,id=console,path=${consolePath(dir)},append=on`,
    ...words("-serial chardev:console -object rng-builtin,id=random -device virtio-rng-pci,rng=random"),
    ...drive(disk, "format=qcow2"),
    ...disks.flatMap((file) => drive(file, "format=raw,readonly=on")),
    ...(cable === undefined ? [] : cableArguments(cable, mac)),
  ];
}

/**
 * A card on the cable and, at the machine that listens, another one whose port this host's loopback reaches. They are apart:
 * qemu's user network answers for strangers whom it sees on its wire, and would reset what machines say to each other.
 */
function cableArguments(cable: Cable, mac: string): readonly string[] {
  const card = ["-device", `virtio-net-pci,netdev=cable,mac=${mac},romfile=`];
  if ("connects" in cable) return ["-netdev", `socket,id=cable,connect=127.0.0.1:${cable.connects}`, ...card];
  const forwards = Object.entries(cable.forwarded).map(
    ([own, inside]) => `,hostfwd=tcp:127.0.0.1:${own}-:${inside}`,
  );
  return [
    "-netdev",
    `socket,id=cable,listen=127.0.0.1:${cable.listens}`,
    ...card,
    "-netdev",
    `user,id=host,restrict=on${forwards.join("")}`,
    "-device",
    `virtio-net-pci,netdev=host,mac=${hostMac},romfile=`,
  ];
}
