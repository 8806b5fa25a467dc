// What `k0s sysinfo` says to a person: each finding with why and what to do, and one line that sums up. Pure.

import { hasFailed, type ProbeReport } from "../../host/sysinfo/probe.ts";
import type { Roles } from "../../host/sysinfo/roles.ts";
import type { painter } from "../core/output.ts";

type Paint = ReturnType<typeof painter>;

/** `<display name>: <property> (pass)`, indented by nesting: upstream's lines. */
export function reportLine(report: ProbeReport, paint: Paint): string {
  return `${"  ".repeat(report.path.length - 1)}${lineOf(report, paint)}\n`;
}

function lineOf(report: ProbeReport, paint: Paint): string {
  const head = `${report.displayName}: `;
  if (report.category === "error") return `${head}${paint("red", `error: ${report.error?.message ?? ""}`)}`;
  const colour = { pass: "green", warning: "yellow", rejected: "red" } as const;
  const message = report.message === "" ? "" : `: ${report.message}`;
  const verdict = paint(colour[report.category], `(${report.category}${message})`);
  return `${head}${report.prop === "" ? "" : `${report.prop} `}${verdict}`;
}

/**
 * Those that did not pass; of several with the same remedy, such as options of the kernel, it is said once. `repeated`: their
 * lines stand above, among all others.
 */
export function findingsText(
  reports: readonly ProbeReport[],
  paint: Paint,
  { repeated }: { readonly repeated: boolean },
): string {
  const groups = Map.groupBy(
    reports.filter(({ category }) => category !== "pass"),
    ({ category, why, remedy, displayName }) => (why === "" ? displayName : `${category}\n${why}\n${remedy}`),
  );
  const texts = [...groups.values()].map((group) => {
    const { why = "", remedy = "" } = group[0] ?? {};
    return [
      ...linesOf(group, paint),
      ...(why === "" ? [] : [`    ${why}`]),
      ...(remedy === "" ? [] : [`    To do: ${remedy}`]),
      "",
    ].join("\n");
  });
  return `${repeated && texts.length > 0 ? "\n" : ""}${texts.join("\n")}${texts.length > 0 ? "\n" : ""}`;
}

/** Many of which the same is found, as of all options of a kernel that does not tell them, are one line. */
function linesOf(group: readonly ProbeReport[], paint: Paint): readonly string[] {
  const [first] = group;
  const many = 5;
  const same = group.every(({ prop, message }) => prop === first?.prop && message === first.message);
  if (first === undefined || group.length < many || !same)
    return group.map((report) => lineOf(report, paint));
  const names = group.map(({ displayName }) => displayName.split(":", 1)[0] ?? "");
  return [lineOf({ ...first, displayName: names.join(", ") }, paint)];
}

/** The only line on a healthy host. */
export function summary(
  reports: readonly ProbeReport[],
  { controller, worker }: Roles,
  { root }: { readonly root: boolean },
): string {
  const failed = reports.filter(hasFailed).length;
  const warnings = reports.filter(({ category }) => category === "warning").length;
  const roles = [...(controller ? ["controller"] : []), ...(worker ? ["worker"] : [])].join(" and ");
  const as = roles === "" ? "" : ` as ${roles}`;
  const counts = [
    `${reports.length} checks`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(warnings === 0 ? [] : [`${warnings} ${warnings === 1 ? "warning" : "warnings"}`]),
  ].join(", ");
  const unseen = root ? "" : " Some things only root can look at.";
  return `k0s ${failed === 0 ? "can" : "cannot"} run here${as} (${counts}).${unseen}`;
}
