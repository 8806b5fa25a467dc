import { expect, test } from "bun:test";
import { kubeletHealth } from "./health-endpoint.ts";

test("where kubelet listens when nobody says otherwise", () => {
  expect(kubeletHealth({})).toEqual({ url: "http://127.0.0.1:10248/healthz", port: 10_250 });
  // kubelet takes null for "not set".
  expect(kubeletHealth({ healthzPort: null }).url).toBe("http://127.0.0.1:10248/healthz");
});

test("a worker profile moves it", () => {
  expect(kubeletHealth({ healthzPort: 11_248, port: 11_250 })).toEqual({
    url: "http://127.0.0.1:11248/healthz",
    port: 11_250,
  });
  expect(kubeletHealth({ healthzBindAddress: "0.0.0.0" }).url).toBe("http://127.0.0.1:10248/healthz");
  expect(kubeletHealth({ healthzBindAddress: "::" }).url).toBe("http://[::1]:10248/healthz");
  expect(kubeletHealth({ healthzBindAddress: "10.0.0.1" }).url).toBe("http://10.0.0.1:10248/healthz");
});

test("an extra argument wins over the profile, as it does in kubelet", () => {
  expect(kubeletHealth({ healthzPort: 11_248 }, { "healthz-port": "12248" }).url).toBe(
    "http://127.0.0.1:12248/healthz",
  );
});

test("an endpoint that is switched off leaves kubelet's own port", () => {
  expect(kubeletHealth({ healthzPort: 0 })).toEqual({ url: undefined, port: 10_250 });
});
