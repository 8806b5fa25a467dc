// Building blocks of the configuration schema: checked strings, ports, argument maps.
// Upstream: pkg/apis/k0s/v1beta1/clusterconfig_types.go.

import * as z from "zod";
import { tryParseCidr } from "../../std/cidr.ts";
import { tryParseDuration } from "../../std/duration.ts";
import { isIp, isUnspecified } from "../../std/ip.ts";
import { isDnsName, isHostPort } from "./names.ts";

/** A string that passes `test`; otherwise the error is `"<value>" <complaint>`. */
export function checkedText(test: (text: string) => boolean, complaint: string) {
  return z.string().refine(test, { error: (issue) => `${JSON.stringify(issue.input)} ${complaint}` });
}

export const ipAddress = () => checkedText(isIp, "is not an IP address");

/** An address that somebody can connect to. */
export const nodeAddress = () =>
  ipAddress().refine((text) => !isUnspecified(text), {
    error: (issue) =>
      `${JSON.stringify(issue.input)} means every address; write the one that others reach this node at`,
  });

export const cidr = () =>
  checkedText(
    (text) => tryParseCidr(text) !== undefined,
    "is not a network in CIDR notation, like 10.244.0.0/16",
  );

export const hostName = () =>
  checkedText((text) => isIp(text) || isDnsName(text), "is neither an IP address nor a DNS name");

export const hostPort = () => checkedText(isHostPort, "is not host:port, like 0.0.0.0:10249");

export const duration = () =>
  checkedText((text) => tryParseDuration(text) !== undefined, "is not a duration, like 1m30s or 8760h");

/** A duration above zero. */
export const lifetime = () =>
  duration().refine((text) => (tryParseDuration(text) ?? 0) > 0, {
    error: (issue) => `${JSON.stringify(issue.input)} must be longer than nothing`,
  });

export const port = () => z.int().min(1).max(65_535);

export const filledText = () => z.string().min(1);

export const pullPolicy = () => z.enum(["Always", "IfNotPresent", "Never"]);

/** Flag name without dashes → value. */
export const extraArgs = () =>
  z
    .record(z.string(), z.string())
    .superRefine((flags, context) => {
      for (const name of Object.keys(flags).filter((flag) => flag.startsWith("-") || flag === "")) {
        context.addIssue({ code: "custom", path: [name], message: flagNameComplaint(name) });
      }
    })
    .default({})
    .describe("Flags without dashes; they win over ours.");

/** Arguments that are appended as they are. */
export const rawArgs = () => z.array(z.string()).default([]).describe("Arguments appended as they are.");

/** A section in which unknown fields are errors and which is there, with its defaults, even if nobody wrote it. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  // Every field of such a section has a default, so that `{}` is a valid input; the compiler cannot see that here.
  return z.strictObject(shape).prefault({} as never);
}

function flagNameComplaint(name: string): string {
  const bare = name.replace(/^-+/, "");
  return bare === "" ? "a flag needs a name" : `write the flag without dashes: ${JSON.stringify(bare)}`;
}
