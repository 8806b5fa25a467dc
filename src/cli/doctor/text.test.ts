import { expect, test } from "bun:test";
import type { Diagnosis } from "../../host/doctor/diagnosis.ts";
import type { Finding } from "../../host/doctor/finding.ts";
import { diagnosisData } from "./data.ts";
import { diagnosisText } from "./text.ts";

const cause: Finding = {
  link: "ports",
  about: "kubelet",
  what: "port 10250, which kubelet needs, is held by nc (pid 9)",
  evidence: ["nc (pid 9) listens on every address", "it was not started by k0s"],
  effect: "kubelet cannot start",
  remedy: "stop that process (kill 9)",
  explains: [],
};
const consequence: Finding = {
  link: "processes",
  about: "kubelet",
  what: "kubelet is backing off: exited with code 1",
  evidence: ["output: address already in use"],
  remedy: "",
  explains: [],
};
const ill: Diagnosis = {
  links: [
    { link: "host", state: "well" },
    { link: "processes", state: "follows" },
    { link: "ports", state: "broken" },
    { link: "tunnel", state: "absent", why: "no tunnels" },
    { link: "node", state: "unseen", why: "the API server does not answer" },
    { link: "DNS", state: "unseen", why: "the API server does not answer" },
  ],
  findings: [cause],
  consequences: [{ finding: consequence, cause }],
};

test("the chain on a line, the first broken link with evidence, effect and remedy, then what follows", () => {
  expect(diagnosisText(ill, { terminal: false })).toBe(
    [
      "✔ host  – processes  ✖ ports  – tunnel  – node  – DNS",
      "",
      "✖ ports: port 10250, which kubelet needs, is held by nc (pid 9)",
      "  evidence: nc (pid 9) listens on every address",
      "            it was not started by k0s",
      "  effect:   kubelet cannot start",
      "  remedy:   stop that process (kill 9)",
      "",
      "What follows from that:",
      "– processes: kubelet is backing off: exited with code 1",
      "",
      "– not looked at, since the API server does not answer: node, DNS",
      "",
    ].join("\n"),
  );
});

test("a chain that holds is said in a line", () => {
  const well: Diagnosis = { links: [{ link: "host", state: "well" }], findings: [], consequences: [] };
  expect(diagnosisText(well, { terminal: false })).toBe("✔ host\n\nNothing is wrong.\n");
});

test("as data: what is wrong with everything that shows it, and what follows from which link", () => {
  const now = new Date("2026-11-26T10:00:00Z");
  const data = diagnosisData(ill, { role: "worker", nodeName: "w1", k0s: { state: "gone" }, now });
  expect(data).toMatchObject({
    formatVersion: 1,
    time: "2026-11-26T10:00:00.000Z",
    role: "worker",
    node: "w1",
    k0s: { state: "gone" },
    healthy: false,
    findings: [{ link: "ports", about: "kubelet", remedy: "stop that process (kill 9)" }],
    consequences: [{ link: "processes", follows: "ports" }],
  });
  expect(JSON.stringify(data)).not.toContain("explains");
});
