// k0s.yaml as a stranger may see it.

import { withoutSecrets } from "../../config/without-secrets.ts";
import { blot } from "./blot.ts";

/** Values of Helm charts are text of people in which a password has any name: of them nothing is shown. */
export function shownConfiguration(config: unknown): unknown {
  return withoutChartValues(withoutSecrets(config));
}

/** Also in a report that has a configuration in it. */
export function withoutChartValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutChartValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key.toLowerCase() === "charts" && Array.isArray(member)
        ? member.map(shownChart)
        : withoutChartValues(member),
    ]),
  );
}

function shownChart(chart: unknown): unknown {
  if (typeof chart !== "object" || chart === null) return chart;
  return Object.fromEntries(
    Object.entries(chart).map(([key, member]) => [key, key.toLowerCase() === "values" ? blot : member]),
  );
}
