import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const OUT = fileURLToPath(new URL("../src/weft/web/console", import.meta.url));
const SERVER = process.env.WEFT_URL ?? "http://127.0.0.1:8080";

/** Write `.br` and `.gz` beside each file that gains by it, so that the server compresses nothing itself. */
function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    writeBundle(_options, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const content = readFileSync(join(OUT, name));
        writeFileSync(join(OUT, `${name}.br`), brotliCompressSync(content));
        writeFileSync(join(OUT, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [
    tanstackRouter({ target: "react", autoCodeSplitting: true, quoteStyle: "double", semicolons: true }),
    react(),
    tailwindcss(),
    precompress(),
  ],
  resolve: {
    alias: {
      "~": fileURLToPath(new URL("./src", import.meta.url)),
      // Else WebAssembly starts where a Parquet file is read, and the policy of the pages refuses it.
      hysnappy: fileURLToPath(new URL("./src/lib/rows/snappy.ts", import.meta.url)),
    },
  },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    manifest: "manifest.json",
    // The policy of the pages allows no inlined data but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The reader of files loads what Parquet takes only when there is such a file.
  worker: { format: "es" },
  server: {
    // `npm run dev` shows what a running `weft serve` has; WEFT_URL names it.
    proxy: Object.fromEntries(
      ["/api", "/v1", "/traces", "/login/", "/oidc", "/healthz", "/inference/catalog"].map((path) => [
        path,
        SERVER,
      ]),
    ),
  },
});
