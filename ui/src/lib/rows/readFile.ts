import type { Answer, Asked } from "./parse.worker";
import { MAX_FILE_BYTES, type ReadSheet, RowsError } from "./types";

/** A file that takes longer has something about it; nobody waits for ever. */
const PATIENCE_MS = 120_000;

/** The rows of a file, read beside the page. Throws a `RowsError`. */
export async function readFile(file: File, signal?: AbortSignal): Promise<ReadSheet> {
  if (file.size > MAX_FILE_BYTES)
    throw new RowsError(
      `${file.name} has ${Math.ceil(file.size / 2 ** 20)} MiB; at most ${MAX_FILE_BYTES / 2 ** 20} can be read here`,
      "Split it, or publish the dataset with the Weave client.",
    );
  const bytes = await file.arrayBuffer();
  const worker = new Worker(new URL("./parse.worker.ts", import.meta.url), { type: "module" });
  try {
    const answer = await answerOf(worker, { name: file.name, bytes }, signal);
    if ("sheet" in answer) return answer.sheet;
    const { message, remedy, line, column } = answer.refused;
    throw new RowsError(message, remedy, line, column);
  } finally {
    worker.terminate();
  }
}

function answerOf(worker: Worker, asked: Asked, signal?: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stop = (message: string) => reject(new RowsError(message, "Choose a smaller file."));
    const timer = setTimeout(() => stop("Reading the file takes too long"), PATIENCE_MS);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      clearTimeout(timer);
      resolve(data);
    };
    worker.onerror = () => {
      clearTimeout(timer);
      stop("The file could not be read in this browser");
    };
    signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    worker.postMessage(asked, [asked.bytes]);
  });
}
