/** Reads one file and sends what came of it. */

import { parseFile } from "./parse";
import { type ReadSheet, RowsError } from "./types";

export interface Asked {
  name: string;
  bytes: ArrayBuffer;
}

export type Answer =
  | { sheet: ReadSheet }
  | { refused: { message: string; remedy: string; line: number | null; column: number | null } };

self.onmessage = async ({ data }: MessageEvent<Asked>) => {
  self.postMessage(await answer(data));
};

async function answer({ name, bytes }: Asked): Promise<Answer> {
  try {
    return { sheet: await parseFile(name, bytes) };
  } catch (cause) {
    if (cause instanceof RowsError) {
      const { message, remedy, line, column } = cause;
      return { refused: { message, remedy, line, column } };
    }
    const message = cause instanceof Error ? cause.message : String(cause);
    return { refused: { message, remedy: "", line: null, column: null } };
  }
}
