// The timeline of a start as a picture: a bar a component, from begun over spawned to ready; milestones as lines. Pure.

import { escaped, picture, rounded } from "../picture.ts";
import type { Timeline, TimelineRow } from "./timeline.ts";

const left = 210;
const width = 640;
const rowHeight = 16;
const top = 54;

/** SVG text; `scaleMs` is the right end, so that two pictures can be compared. */
export function timelineSvg(timeline: Timeline, scaleMs = endOf(timeline)): string {
  const rows = timeline.rows.filter((row) => (row.readyMs ?? row.begunMs) >= 0);
  const height = top + rows.length * rowHeight + 28;
  const x = (ms: number): number => rounded(left + (Math.min(ms, scaleMs) / scaleMs) * width);
  return picture(left + width + 80, height, timeline.name, [
    `<text x="8" y="34" fill="#555">light: program on its way; dark: spawned until ready; seconds, and processor time</text>`,
    ...secondsOf(scaleMs).map(
      (second) =>
        `<path d="M${x(second * 1000)} ${top - 8}V${height - 22}" stroke="#ddd"/>` +
        `<text x="${x(second * 1000)}" y="${height - 8}" text-anchor="middle" fill="#555">${second}</text>`,
    ),
    ...rows.map((row, index) => bar(row, top + index * rowHeight, x, scaleMs)),
    ...timeline.milestones.map(
      ({ name, atMs }) =>
        `<path d="M${x(atMs)} ${top - 10}V${height - 22}" stroke="#c00" stroke-dasharray="3 2"/>` +
        `<text x="${x(atMs)}" y="${top - 12}" text-anchor="middle" fill="#c00">${escaped(name)} ${(atMs / 1000).toFixed(1)}</text>`,
    ),
  ]);
}

/** Of the last milestone, and a little more. */
export function endOf({ milestones, rows }: Timeline): number {
  return (
    Math.max(1000, ...milestones.map(({ atMs }) => atMs), ...rows.map(({ readyMs = 0 }) => readyMs)) * 1.02
  );
}

function bar(row: TimelineRow, y: number, x: (ms: number) => number, scaleMs: number): string {
  const spawned = row.spawnedMs ?? row.readyMs ?? scaleMs;
  const ready = row.readyMs ?? scaleMs;
  const piece = (from: number, to: number, fill: string): string =>
    to <= from
      ? ""
      : `<rect x="${x(from)}" y="${y + 3}" width="${rounded(x(to) - x(from))}" height="10" fill="${fill}"/>`;
  const processor = row.processorMs === undefined ? "" : `, ${(row.processorMs / 1000).toFixed(2)} s`;
  const label = row.readyMs === undefined ? "not ready" : `${(row.readyMs / 1000).toFixed(2)}${processor}`;
  return (
    `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${escaped(row.component)}</text>` +
    piece(row.begunMs, Math.min(spawned, ready), "#9ec5e8") +
    piece(Math.min(spawned, ready), ready, "#2b6cb0") +
    (row.answeredMs === undefined
      ? ""
      : `<path d="M${x(row.answeredMs)} ${y + 1}v14" stroke="#e8a33d" stroke-width="2"/>`) +
    `<text x="${x(ready) + 4}" y="${y + 12}" fill="#333">${label}</text>`
  );
}

function secondsOf(scaleMs: number): readonly number[] {
  const step = [1, 2, 5, 10, 20].find((one) => scaleMs / 1000 / one <= 12) ?? 60;
  return Array.from({ length: Math.floor(scaleMs / 1000 / step) + 1 }, (_, index) => index * step);
}
