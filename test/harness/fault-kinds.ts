// Kinds of faults that a component, a file or a port can have, each put in and taken out again. What the status has to say
// about it comes with each.

import type { NodeFault } from "./node-faults.ts";
import type { TestMachine } from "./test-machine.ts";

const pidOf = (component: string): string => `$(cat /run/k0s/${component}.pid)`;

export function frozen(component: string): NodeFault {
  return {
    name: `${component} frozen`,
    says: new RegExp(`^${component} is not well: `),
    inject: async (machine) => {
      await machine.ok(["/bin/sh", "-c", `kill -STOP ${pidOf(component)}`]);
      return () => machine.sh(`kill -CONT ${pidOf(component)}`);
    },
  };
}

export function killedForEver(component: string): NodeFault {
  return {
    name: `${component} killed again and again`,
    says: new RegExp(`^${component} is backing off: was ended by SIGKILL \\(\\d+ restarts?, `),
    inject: async (machine) => {
      const loop = `while :; do kill -9 ${pidOf(component)}; sleep 0.3; done`;
      const killer = await machine.start("killer", ["/bin/sh", "-c", loop]);
      return async () => {
        await killer.kill("SIGKILL");
        await killer.exited;
      };
    },
  };
}

/** A file in place of another; what was there comes back. */
export function replacedFile(name: string, path: string, content: string, says: RegExp): NodeFault {
  return {
    name,
    says,
    inject: async (machine) => {
      await machine.ok(["cp", "-a", path, "/root/saved"]);
      await machine.writeFile(path, content);
      return () => machine.ok(["mv", "/root/saved", path]);
    },
  };
}

export function strangersNetwork(): NodeFault {
  const path = "/etc/cni/net.d/05-cilium.conflist";
  return {
    name: "network configuration of another distribution",
    says: /^the network configuration \/etc\/cni\/net.d\/05-cilium.conflist \(cilium-cni\) is not of this cluster/,
    inject: async (machine) => {
      await machine.writeFile(
        path,
        JSON.stringify({ cniVersion: "0.3.1", name: "cilium", plugins: [{ type: "cilium-cni" }] }),
      );
      return () => machine.ok(["rm", path]);
    },
  };
}

export function frozenK0s(): NodeFault {
  return {
    name: "k0s itself frozen",
    says: /^Error: k0s does not answer within 2s/,
    inject: async (machine) => {
      const { Pid } = JSON.parse(await machine.ok(["k0s", "status", "-o", "json"])) as { Pid: number };
      await machine.ok(["kill", "-STOP", String(Pid)]);
      return () => machine.ok(["kill", "-CONT", String(Pid)]);
    },
  };
}

/** A file or folder that is not where it should be, noticed when `program` starts again, or by itself. */
export function missingFile(fault: {
  readonly name: string;
  readonly path: string;
  readonly says: RegExp;
  readonly program?: string;
}): NodeFault {
  const { name, path, says, program } = fault;
  return {
    name,
    says,
    inject: async (machine) => {
      await machine.ok(["mv", path, `${path}.away`]);
      if (program !== undefined) await killOnce(machine, program);
      return () => machine.ok(["mv", `${path}.away`, path]);
    },
  };
}

/** Somebody else listens where a component wants to. */
export function portTaken(component: string, port: number): NodeFault {
  return {
    name: `port of ${component} taken`,
    says: new RegExp(
      `^${component} is backing off: exited with code 1 .*address already in use.*; find out who has its port: ss -ltnp$`,
    ),
    inject: async (machine) => {
      // It has to come between two of the component's own.
      const loop = `kill -9 ${pidOf(component)}; until busybox httpd -f -p ${port} -h /var/empty; do [ ! -e /root/free ] || exit 0; done`;
      await machine.ok(["mkdir", "-p", "/var/empty"]);
      const holder = await machine.start("holder", ["/bin/sh", "-c", loop]);
      return async () => {
        await machine.sh(`touch /root/free; ${signalProgram("busybox", "KILL")}`);
        await holder.exited;
        await machine.ok(["rm", "/root/free"]);
      };
    },
  };
}

/** `undo` takes out what `put` has put in; `program` is ended, so that it meets it. */
export function shellFault(fault: {
  readonly name: string;
  readonly put: string;
  readonly undo: string;
  readonly says: RegExp;
  readonly program?: string;
  readonly withinMs?: number;
}): NodeFault {
  const { put, undo, program, ...rest } = fault;
  return {
    ...rest,
    inject: async (machine) => {
      await machine.ok(["/bin/sh", "-ec", put]);
      if (program !== undefined) await killOnce(machine, program);
      return () => machine.ok(["/bin/sh", "-ec", undo]);
    },
  };
}

export async function killOnce(machine: TestMachine, component: string): Promise<void> {
  await machine.ok(["/bin/sh", "-c", `kill -9 ${pidOf(component)}`]);
}

/** Signals whatever runs a program of this name, in pods too. */
export const signalProgram = (name: string, signal: string): string =>
  `for exe in /proc/[0-9]*/exe; do case $(readlink $exe) in */${name}) kill -${signal} $(echo $exe | cut -d/ -f3);; esac; done`;

const pods = "k0s kubectl -n kube-system";

/** Again and again: kubelet starts a program again that does not answer. */
export function podFrozen(workload: string): NodeFault {
  return {
    name: `program of ${workload} frozen again and again`,
    says: new RegExp(`^system pod ${workload}-\\S+ (has not become ready|ends again and again): `),
    withinMs: 180_000,
    inject: async (machine) => {
      const loop = `while :; do ${signalProgram(workload, "STOP")}; sleep 0.5; done`;
      const freezer = await machine.start("freezer", ["/bin/sh", "-c", loop]);
      return async () => {
        await freezer.kill("SIGKILL");
        await freezer.exited;
        await machine.sh(signalProgram(workload, "CONT"));
      };
    },
  };
}

/** `label` selects its pods, which begin again afterwards: kubelet's pause grows with each crash. */
export function podCrashes(workload: string, label: string): NodeFault {
  return {
    name: `program of ${workload} killed again and again`,
    says: new RegExp(`^system pod ${workload}-\\S+ ends again and again: CrashLoopBackOff, \\d+ restarts?: `),
    withinMs: 180_000,
    inject: async (machine) => {
      const loop = `while :; do ${signalProgram(workload, "KILL")}; sleep 1; done`;
      const killer = await machine.start("killer", ["/bin/sh", "-c", loop]);
      return async () => {
        await killer.kill("SIGKILL");
        await killer.exited;
        await machine.ok(["/bin/sh", "-c", `${pods} delete pod -l ${label} --wait=false`]);
      };
    },
  };
}

export function imageMissing(workload: string, label: string): NodeFault {
  const ctr = "k0s ctr -n k8s.io images";
  const again = `${pods} delete pod -l ${label} --wait=false`;
  return {
    name: `image of ${workload} missing`,
    says: new RegExp(`^system pod ${workload}-\\S+ has no image: (ErrImagePull|ImagePullBackOff)`),
    withinMs: 120_000,
    inject: async (machine) => {
      await machine.ok([
        "/bin/sh",
        "-c",
        `${ctr} list -q | grep /${workload} > /root/names; ${ctr} tag $(head -1 /root/names) kept; xargs ${ctr} rm < /root/names; ${again}`,
      ]);
      return () =>
        machine.sh(
          `for name in $(cat /root/names); do ${ctr} tag kept $name; done; ${ctr} rm kept; ${again}`,
        );
    },
  };
}
