import { useEffect, useRef, useState } from "react";
import type { CallsAsked } from "~/api/weave/calls";
import { saveAs } from "~/lib/saveAs";
import { exported, type Format } from "./run";
import type { FileColumn } from "./values";

export interface Progress {
  state: "idle" | "running" | "done" | "failed";
  rows: number;
  bytes: number;
  error: unknown;
}

const IDLE: Progress = { state: "idle", rows: 0, bytes: 0, error: null };
/** Between two looks at how far it is. */
const SHOWN_MS = 100;

/** An export that is under way, if there is one; it ends with its dialog. */
export function useExport(project: string): {
  progress: Progress;
  start: (asked: CallsAsked[], columns: FileColumn[], format: Format, name: string) => Promise<void>;
  cancel: () => void;
} {
  const [progress, setProgress] = useState(IDLE);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = async (asked: CallsAsked[], columns: FileColumn[], format: Format, name: string) => {
    const control = new AbortController();
    running.current = control;
    setProgress({ ...IDLE, state: "running" });
    let shown = 0;
    const onProgress = (rows: number, bytes: number) => {
      if (performance.now() - shown < SHOWN_MS) return;
      shown = performance.now();
      setProgress((before) => ({ ...before, rows, bytes }));
    };
    let last = 0;
    try {
      const file = await exported({
        project,
        asked,
        columns,
        format,
        signal: control.signal,
        onProgress: (rows, bytes) => {
          last = rows;
          onProgress(rows, bytes);
        },
      });
      saveAs(file, name);
      setProgress({ state: "done", rows: last, bytes: file.size, error: null });
    } catch (error) {
      if (!control.signal.aborted) setProgress((before) => ({ ...before, state: "failed", error }));
    }
  };
  const cancel = () => {
    running.current?.abort();
    setProgress(IDLE);
  };
  return { progress, start, cancel };
}
