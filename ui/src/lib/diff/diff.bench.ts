/** How long differences of ten thousand rows and lines take: `npx vitest bench --run src/lib/diff` in ui/. */

import { bench } from "vitest";
import { rowChanges } from "./rows";
import { textRows } from "./text";

const COUNT = 10_000;

interface Sum {
  id: number;
  question: string;
  answer: string;
}

const rows = (change: (row: Sum, n: number) => object) =>
  Array.from({ length: COUNT }, (_, n) => {
    const val = change({ id: n, question: `What is ${n} plus ${n}?`, answer: `${2 * n}` }, n);
    return { digest: JSON.stringify(val), val };
  });
const text = (change: (line: string, n: number) => string) =>
  Array.from({ length: COUNT }, (_, n) => change(`line ${n} of a text with some words`, n)).join("\n");

const same = rows((row) => row);
const some = rows((row, n) => (n % 10 ? row : { ...row, answer: "?" }));
const all = rows((row) => ({ ...row, answer: "?" }));
const nameless = rows(({ question }, n) => ({ question, level: n % 5 }));
const namelessAll = rows(({ question }, n) => ({ question: `${question}!`, level: n % 5 }));
const other = rows((_, n) => ({ other: -n }));
const lines = text((line) => line);

const OPTIONS = { time: 0, iterations: 7, warmupIterations: 1 };

bench("rows, one of ten changed", () => void rowChanges(same, some), OPTIONS);
bench("rows, all changed, named by a column", () => void rowChanges(same, all), OPTIONS);
bench("rows, all changed, without a name", () => void rowChanges(nameless, namelessAll), OPTIONS);
bench("rows, nothing in common", () => void rowChanges(same, other), OPTIONS);
const someLines = text((line, n) => (n % 10 ? line : `${line}!`));
bench("text, one line of ten changed", () => void textRows(lines, someLines), OPTIONS);
const allLines = text((line) => `${line}!`);
bench("text, all lines changed", () => void textRows(lines, allLines), OPTIONS);
const [seven, five] = [text((_, n) => `${n % 7}`), text((_, n) => `${n % 5}`)];
bench("text, lines of seven kinds", () => void textRows(seven, five), OPTIONS);
