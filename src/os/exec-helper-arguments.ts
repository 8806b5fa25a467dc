// The command line of `k0s __exec`, made here and read back in exec-helper.ts.

/** Numbers of linux/capability.h. */
export const capabilityNumbers = {
  net_bind_service: 10,
  net_admin: 12,
  net_raw: 13,
  sys_resource: 24,
} as const;

export type AmbientCapability = keyof typeof capabilityNumbers;

export function isAmbientCapability(name: string): name is AmbientCapability {
  return Object.hasOwn(capabilityNumbers, name);
}

export interface ExecHelperOptions {
  readonly command: string;
  readonly argv0: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly ambientCaps?: readonly AmbientCapability[] | undefined;
  readonly noNewPrivs?: boolean;
}

/** Everything up to the program's own arguments. */
export function execHelperArguments(self: readonly string[], options: ExecHelperOptions): string[] {
  const { user, ambientCaps } = options;
  return [
    ...self,
    "__exec",
    `--parent=${process.pid}`,
    ...(user === undefined ? [] : [`--uid=${user.uid}`, `--gid=${user.gid}`]),
    ...(ambientCaps === undefined || ambientCaps.length === 0 ? [] : [`--ambient=${ambientCaps.join(",")}`]),
    ...(options.noNewPrivs === true ? ["--no-new-privs"] : []),
    `--argv0=${options.argv0}`,
    "--",
    options.command,
  ];
}
