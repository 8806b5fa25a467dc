// Where a host's program lives; PATH first, then the places that sbin-less PATHs of services miss.

import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

const usualDirectories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The absolute path of an executable, or undefined. */
export function findExecutable(name: string, path: string = process.env["PATH"] ?? ""): string | undefined {
  const directories = path.split(":").filter((dir) => dir.startsWith("/"));
  return [...directories, ...usualDirectories].map((dir) => join(dir, name)).find(isExecutable);
}

/** True for a regular file (or a link to one) that we may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
