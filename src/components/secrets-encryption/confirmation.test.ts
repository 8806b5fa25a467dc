import { expect, test } from "bun:test";
import { confirmation } from "./confirmation.ts";

const { signal } = new AbortController();
const [ring, stray] = ["sha256:ring", "sha256:stray"];
const metricsOf = (hash: string) =>
  `apiserver_encryption_config_controller_last_config_info{apiserver_id_hash="sha256:1",hash="${hash}"} 1\n`;

/** An API server that works with `hash`, or does not answer; time goes by as the test says. */
function apiServer() {
  const state = { hash: undefined as string | undefined, asked: 0, now: 0 };
  const works = confirmation<void>(
    async () => {
      state.asked++;
      if (state.hash === undefined) throw new Error("no answer");
      return metricsOf(state.hash);
    },
    () => state.now,
  );
  const ask = (hash: string, changed = false) => works(undefined, { hash, changed }, signal);
  return { state, ask };
}

test("what the API server has said counts for ten minutes, for that content alone", async () => {
  const { state, ask } = apiServer();
  state.hash = ring;
  expect(await ask(stray)).toBe(false);
  expect(await ask(ring)).toBe(true);
  expect(await ask(ring)).toBe(true);
  expect(state.asked).toBe(2);
  state.now = 600_000;
  expect(await ask(ring)).toBe(true);
  expect(state.asked).toBe(3);
});

test("a content that comes back is asked about again, also if nobody answered meanwhile", async () => {
  const { state, ask } = apiServer();
  state.hash = stray;
  expect(await ask(stray)).toBe(true);
  // Another content is written, and the API server does not say whether it works with it.
  state.hash = undefined;
  expect(await ask(ring, true).catch(String)).toContain("no answer");
  state.hash = ring;
  expect(await ask(stray)).toBe(false);
});
