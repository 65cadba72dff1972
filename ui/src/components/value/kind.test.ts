import { expect, test } from "vitest";
import { foldText, isMarkdown, kindOf } from "./kind";

test("images, sounds and files are what they are, wherever they lie", () => {
  const media = (value: unknown) => {
    const kind = kindOf(value);
    return kind.is === "media" ? kind.media : null;
  };
  expect(media("data:image/png;base64,AAAA")).toMatchObject({ kind: "image", name: "image.png" });
  expect(media({ type: "image_url", image_url: { url: "data:image/gif;base64,AA" } })?.kind).toBe("image");
  expect(media({ type: "input_audio", input_audio: { data: "AA", format: "mp3" } })).toMatchObject({
    source: { src: "data:audio/mpeg;base64,AA" },
  });
  const weave = {
    _type: "CustomWeaveType",
    weave_type: { type: "PIL.Image.Image" },
    files: { "image.png": "abc" },
  };
  expect(media(weave)).toMatchObject({ kind: "image", source: { digest: "abc", mime: "image/png" } });
  const content = { ...weave, files: { content: "abc", "metadata.json": "def" } };
  expect(media(content)).toMatchObject({ kind: "file", told: "def", source: { digest: "abc" } });
  // Nothing is fetched from other servers, and pages are none of these.
  expect(media({ type: "image_url", image_url: { url: "https://a/b.png" } })).toBeNull();
  expect(media("data:text/html,<script>")).toBeNull();
  expect(media({ ...weave, weave_type: { type: "Op" }, files: { "obj.py": "x" } })).toBeNull();
});

test("lists of like objects are tables; others are lists", () => {
  expect(kindOf([{ a: 1, b: 2 }, { a: 3 }])).toMatchObject({ is: "rows", columns: ["a", "b"] });
  expect(kindOf([{ a: 1 }]).is).toBe("list");
  expect(kindOf([{ a: 1 }, 2]).is).toBe("list");
  expect(kindOf([{ a: 1 }, { b: 1 }, { c: 1 }]).is).toBe("list");
  expect(kindOf([{}, {}]).is).toBe("list");
});

test("texts: references, links, diffs, and the rest", () => {
  expect(kindOf("weave:///a/b/object/c:d")).toMatchObject({ is: "ref", ref: { name: "c" } });
  expect(kindOf("https://a.example/b").is).toBe("link");
  expect(kindOf("javascript:alert(1)").is).toBe("text");
  expect(kindOf("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-old\n+new\n").is).toBe("diff");
  expect(kindOf("a - b\n+ c").is).toBe("text");
  expect(kindOf(null).is).toBe("nothing");
  expect(kindOf(false)).toEqual({ is: "plain", text: "false" });
});

test("long texts are folded, those that are a little longer are not", () => {
  expect(foldText("x".repeat(2_100), 14, 2_000).left).toBe(0);
  expect(foldText("x".repeat(5_000), 14, 2_000)).toMatchObject({ left: 3_000 });
  const lines = Array.from({ length: 100 }, () => "a line of text").join("\n");
  expect(foldText(lines, 3, 2_000).shown.split("\n")).toHaveLength(3);
});

test("Markdown is told from plain text", () => {
  for (const text of ["# Title", "- a\n- b", "some **bold** text", "[a](b)", "| a | b |"])
    expect(isMarkdown(text)).toBe(true);
  for (const text of ["Hello there.", "2 * 3 * 4", "a | b"]) expect(isMarkdown(text)).toBe(false);
});
