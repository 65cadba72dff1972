// Unpacks Chromium out of its npm package: `node unpack.mjs FOLDER`. The package's own way is made for a cloud function
// and unpacks into the system's temporary folder, where tests that run side by side would meet.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

const folder = process.argv[2];
if (!folder) throw new Error("usage: node unpack.mjs FOLDER");
const packed = new URL("./node_modules/@sparticuz/chromium/bin/", import.meta.url);
const unpacked = (name) => brotliDecompressSync(readFileSync(new URL(name, packed)));

mkdirSync(join(folder, "lib"), { recursive: true });
writeFileSync(join(folder, "chromium"), unpacked("chromium.br"));
chmodSync(join(folder, "chromium"), 0o755);
// Software rendering, fonts, and the libraries that a bare machine may lack.
for (const [name, to] of [
  ["swiftshader.tar.br", folder],
  ["fonts.tar.br", folder],
  ["al2023.tar.br", join(folder, "lib")],
]) {
  const tar = join(folder, "unpacked.tar");
  writeFileSync(tar, unpacked(name));
  execFileSync("tar", ["-xf", tar, "-C", to]);
  rmSync(tar);
}
