import { expect, test } from "bun:test";
import { curvesSvg } from "./curves.ts";

test("curves lie on one scale, with a colour for each thing and dashes for the other cluster", () => {
  const svg = curvesSvg({
    title: "memory <PSS>",
    along: "nodes",
    unit: "MiB",
    curves: [
      {
        name: "k0s, one controller",
        points: [
          [0, 50],
          [1_000, 100],
        ],
      },
      {
        name: "k0s, three controllers",
        points: [
          [0, 60],
          [1_000, 200],
        ],
        dashed: true,
      },
      { name: "etcd, one controller", points: [[1_000, 150]] },
    ],
  });
  expect(svg).toContain("memory &lt;PSS&gt;");
  // 200 is the top: 50 of it lies a quarter above the ground.
  expect(svg).toContain('<path d="M64 205L484 150" fill="none" stroke="#2b6cb0" stroke-width="2"/>');
  expect(svg).toContain(
    '<path d="M64 194L484 40" fill="none" stroke="#2b6cb0" stroke-width="2" stroke-dasharray="5 3"/>',
  );
  expect(svg).toContain('<circle cx="484" cy="95" r="2.5" fill="#c05621"/>');
  expect(svg).toContain(">1000<");
});

test("nothing at all is a picture, too", () => {
  expect(curvesSvg({ title: "nothing", along: "nodes", unit: "s", curves: [] })).toContain("</svg>");
});
