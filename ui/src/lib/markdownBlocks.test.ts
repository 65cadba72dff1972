import { expect, test } from "vitest";
import { extendBlocks, NO_BLOCKS } from "./markdownBlocks";

const TEXT = `# Title

A paragraph
of two lines.

- one

- two
  more of two

1. first

   \`\`\`py
   x = 1

   y = 2
   \`\`\`

\`\`\`js
const a = 1;

// still code
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

The end, which is long enough to be seen.
`;

test("blocks are whole: code keeps its blank lines, lists their items", () => {
  const { finished, open } = extendBlocks(NO_BLOCKS, TEXT);
  expect(finished.map((block) => block.split("\n")[0])).toEqual([
    "# Title",
    "A paragraph",
    "- one",
    "```js",
    "| a | b |",
  ]);
  expect(finished[2]).toContain("y = 2");
  expect(finished[3]).toContain("// still code");
  expect([...finished, open].join("")).toBe(TEXT);
});

test("written a character at a time, nothing that is finished changes", () => {
  let blocks = NO_BLOCKS;
  for (let at = 1; at <= TEXT.length; at += 1) {
    const next = extendBlocks(blocks, TEXT.slice(0, at));
    expect(next.finished.slice(0, blocks.finished.length)).toEqual(blocks.finished);
    expect(next.finished.join("") + next.open).toBe(TEXT.slice(0, at));
    blocks = next;
  }
  expect(blocks).toEqual(extendBlocks(NO_BLOCKS, TEXT));
});
