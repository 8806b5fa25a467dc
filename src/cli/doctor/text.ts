// What `k0s doctor` shows to a person: the chain on a line, the causes with their evidence, then what follows from them.

import type { Diagnosis, LinkState } from "../../host/doctor/diagnosis.ts";
import type { Finding } from "../../host/doctor/finding.ts";
import { painter } from "../core/output.ts";

type Paint = ReturnType<typeof painter>;

export function diagnosisText(
  { links, findings, consequences }: Diagnosis,
  { terminal }: { readonly terminal: boolean },
): string {
  const paint = painter(terminal);
  const sections = [
    [links.map((link) => linkText(link, paint)).join("  ")],
    ...findings.map((finding) => findingLines(finding, paint)),
    consequences.length === 0
      ? []
      : [
          "What follows from that:",
          ...consequences.map(({ finding: { link, what } }) => `– ${link}: ${what}`),
        ],
    unseenLines(links),
    findings.length === 0 ? ["Nothing is wrong."] : [],
  ];
  const shown = sections.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function linkText({ link, state }: LinkState, paint: Paint): string {
  if (state === "well") return `${paint("green", "✔")} ${link}`;
  if (state === "broken") return `${paint("red", "✖")} ${link}`;
  return `– ${link}`;
}

function findingLines({ link, what, evidence, effect, remedy }: Finding, paint: Paint): string[] {
  return [
    `${paint("red", "✖")} ${paint("bold", link)}: ${what}`,
    ...evidence.map((line, at) => `  ${at === 0 ? "evidence:" : "         "} ${line}`),
    ...(effect === undefined ? [] : [`  effect:   ${effect}`]),
    `  remedy:   ${remedy}`,
  ];
}

function unseenLines(links: readonly LinkState[]): string[] {
  const unseen = links.filter(({ state }) => state === "unseen");
  const reasons = [...new Set(unseen.map(({ why = "" }) => why))];
  return reasons.map((reason) => {
    const names = unseen.filter(({ why = "" }) => why === reason).map(({ link }) => link);
    return `– not looked at, since ${reason}: ${names.join(", ")}`;
  });
}
