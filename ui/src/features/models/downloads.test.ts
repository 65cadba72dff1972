import { describe, expect, it } from "vitest";
import { canResume, type Download, isOver, progressText, share, stageName } from "./downloads";

const GIB = 1 << 30;
const one: Download = {
  id: "dl_1",
  model: "acme/x",
  is_new: true,
  repository: "acme/x-GGUF",
  source: "the hub",
  stage: "downloading",
  file: "x.gguf",
  files: 1,
  done_bytes: GIB,
  total_bytes: 4 * GIB,
  bytes_per_s: 50 * (1 << 20),
  eta_s: 61.4,
  started_at: "2026-01-01T00:00:00Z",
  ended_at: null,
  started_by: "admin",
  failure: null,
  served: null,
};

describe("downloads", () => {
  it("tell how far they are, how fast, and how long still", () => {
    expect(progressText(one)).toBe("1 GiB of 4 GiB · 50 MiB/s · 1 min 1 s left");
    expect(progressText({ ...one, bytes_per_s: 0, eta_s: null })).toBe("1 GiB of 4 GiB");
    expect(progressText({ ...one, stage: "looking", total_bytes: 0 })).toBe("Looking at the repository");
  });

  it("have a share between 0 and 100", () => {
    expect(share(one)).toBe(25);
    expect(share({ ...one, total_bytes: 0 })).toBe(0);
    expect(share({ ...one, stage: "done", done_bytes: 0 })).toBe(100);
  });

  it("can be resumed once they stopped short", () => {
    expect(isOver(one)).toBe(false);
    expect([canResume(one), canResume({ ...one, stage: "failed" })]).toEqual([false, true]);
    expect(isOver({ ...one, stage: "done" })).toBe(true);
    expect(stageName("cancelling")).toBe("Stopping");
  });
});
