// A node that does nothing but log, by way of what a real one uses: `watched-main.ts <lines> [fail | unexpected | keep]`. It runs until a signal.

import { runWatched } from "../run-watched.ts";
import { processIo } from "../../core/io.ts";

const stop = new AbortController();
process.on("SIGTERM", () => stop.abort(new Error("ended by SIGTERM")));
const io = processIo(stop.signal);
const [lines = "1", mode] = process.argv.slice(2);
let code = 0;
try {
  const options = { debug: false, verbose: true, paths: { logFile: process.env["KEPT_LOG"] ?? "/nowhere/log" } };
  await runWatched({ io, options, noProgress: true, chatty: true }, async ({ log, signal, keepLog }) => {
    if (mode === "keep") await keepLog?.();
    for (let line = 0; line < Number(lines); line++) log.info("A line", { line });
    if (mode === "fail") throw new Error("the node cannot go on");
    if (mode === "unexpected") {
      void Promise.reject(new Error("a promise that nobody looks at"));
      setTimeout(() => {
        throw new Error("a timer that throws");
      }, 1);
    }
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
} catch (err) {
  code = err instanceof Error && err.name === "ReportedError" ? 1 : 99;
}
process.exit(code);
