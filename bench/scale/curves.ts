// Figures over a size as curves in a picture. Pure.

import { escaped, picture, rounded } from "../picture.ts";

export interface Curve {
  readonly name: string;
  /** By size, in order. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** As from another cluster than the curves that are whole. */
  readonly dashed?: boolean;
}

export interface CurvePicture {
  readonly title: string;
  /** What grows: `nodes`, `pods`. */
  readonly along: string;
  readonly unit: string;
  readonly curves: readonly Curve[];
}

const left = 64;
const top = 40;
const width = 420;
const height = 220;
const legend = 200;
const colours = ["#2b6cb0", "#c05621", "#2f855a", "#6b46c1", "#b83280", "#4a5568"];

/** Curves that share a name up to a comma share a colour. */
export function curvesSvg({ title, along, unit, curves }: CurvePicture): string {
  const all = curves.flatMap(({ points }) => points);
  const rightEnd = Math.max(1, ...all.map(([x]) => x));
  const topEnd = niceEnd(Math.max(0, ...all.map(([, y]) => y)));
  const px = (x: number): number => rounded(left + (x / rightEnd) * width);
  const py = (y: number): number => rounded(top + height - (y / topEnd) * height);
  const base = (name: string): string => name.split(",")[0] ?? name;
  const names = [...new Set(curves.map(({ name }) => base(name)))];
  const colourOf = (name: string): string => colours[names.indexOf(base(name)) % colours.length] ?? "#000";
  const steps = [0, 1, 2, 3, 4].map((part) => (topEnd / 4) * part);
  const sizes = [...new Set(all.map(([x]) => x))].toSorted((a, b) => a - b);
  return picture(left + width + legend, top + height + 40, title, [
    ...steps.map(
      (y) =>
        `<path d="M${left} ${py(y)}H${left + width}" stroke="#ddd"/>` +
        `<text x="${left - 6}" y="${py(y) + 4}" text-anchor="end" fill="#555">${short(y)}</text>`,
    ),
    ...spaced(sizes.map(px)).map(
      (at, index) =>
        `<path d="M${px(sizes[index] ?? 0)} ${top}V${top + height}" stroke="#eee"/>` +
        (at === undefined
          ? ""
          : `<text x="${at}" y="${top + height + 16}" text-anchor="middle" fill="#555">${sizes[index]}</text>`),
    ),
    `<text x="${left + width / 2}" y="${top + height + 32}" text-anchor="middle" fill="#555">${escaped(along)}</text>`,
    `<text x="${left - 6}" y="${top - 8}" text-anchor="end" fill="#555">${escaped(unit)}</text>`,
    ...curves.flatMap((curve, index) => drawn(curve, index, colourOf(curve.name), px, py)),
  ]);
}

function drawn(
  { name, points, dashed = false }: Curve,
  index: number,
  colour: string,
  px: (x: number) => number,
  py: (y: number) => number,
): readonly string[] {
  const line = points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${px(x)} ${py(y)}`).join("");
  const dash = dashed ? ` stroke-dasharray="5 3"` : "";
  const y = top + 8 + index * 16;
  const x = left + width + 14;
  return [
    `<path d="${line}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
    ...points.map(([at, value]) => `<circle cx="${px(at)}" cy="${py(value)}" r="2.5" fill="${colour}"/>`),
    `<path d="M${x} ${y}h18" stroke="${colour}" stroke-width="2"${dash}/>`,
    `<text x="${x + 24}" y="${y + 4}" fill="#333">${escaped(name)}</text>`,
  ];
}

/** Where a number is written; undefined where it would lie on the one before. */
function spaced(places: readonly number[]): readonly (number | undefined)[] {
  let last = Number.NEGATIVE_INFINITY;
  return places.map((at) => {
    if (at - last < 30) return undefined;
    last = at;
    return at;
  });
}

/** The next of 1, 2, 4, 5, 10, … so that a quarter of it is a number that can be read. */
function niceEnd(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
