// ip, nft, iptables and ipset: those that came with k0s, else the host's.

import { join } from "node:path";
import { cleanEnvironment, run } from "../../os/exec.ts";
import { findExecutable, isExecutable } from "../../os/find-executable.ts";
import { hangMs } from "../../os/patience.ts";

export interface HostToolset {
  /** Standard output; undefined when the tool is missing or fails, e.g. because the kernel lacks what it asks for. */
  ask(tool: string, ...args: readonly string[]): Promise<string | undefined>;
  /** Throws when it fails. */
  tell(tool: string, args: readonly string[], input?: string): Promise<void>;
}

export function hostToolset(hostToolsDir: string, signal: AbortSignal): HostToolset {
  const env = { ...cleanEnvironment(), XTABLES_LIBDIR: join(hostToolsDir, "lib", "xtables") };
  const locate = (tool: string): { path: string; env: Record<string, string> } | undefined => {
    const own = join(hostToolsDir, "bin", tool);
    if (isExecutable(own)) return { path: own, env };
    const found = findExecutable(tool);
    return found === undefined ? undefined : { path: found, env: cleanEnvironment() };
  };
  return {
    ask: async (tool, ...args) => {
      const program = locate(tool);
      if (program === undefined) return undefined;
      const { code, stdout } = await run(program.path, args, { env: program.env, timeoutMs: hangMs, signal });
      return code === 0 ? stdout : undefined;
    },
    tell: async (tool, args, input) => {
      const program = locate(tool);
      if (program === undefined) throw new Error(`${tool} not found`);
      const options = {
        env: program.env,
        timeoutMs: hangMs,
        signal,
        ...(input === undefined ? {} : { input }),
      };
      const { code, stderr } = await run(program.path, args, options);
      if (code !== 0) throw new Error(`${tool} ${args.join(" ")}: ${stderr.trim() || `exit code ${code}`}`);
    },
  };
}
