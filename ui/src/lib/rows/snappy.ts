/**
 * Snappy in plain JavaScript, in place of the package `hysnappy` (the alias in vite.config.ts): that one is WebAssembly,
 * which our policy does not allow, and hyparquet-compressors starts it as soon as it is loaded, asked for or not.
 */

import { snappyUncompress as uncompress } from "hyparquet";

export function snappyUncompress(input: Uint8Array, outputLength: number): Uint8Array {
  const output = new Uint8Array(outputLength);
  uncompress(input, output);
  return output;
}

export function snappyUncompressor(): typeof snappyUncompress {
  return snappyUncompress;
}
