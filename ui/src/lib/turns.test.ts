import { expect, test } from "vitest";
import { createTurns } from "./turns";

test("one in a frame, first come first served, the last wish counts", () => {
  const due: (() => void)[] = [];
  const turns = createTurns((callback) => due.push(callback));
  const done: string[] = [];
  const [a, b, c] = [{}, {}, {}];
  turns.request(a, () => done.push("a1"));
  turns.request(b, () => done.push("b1"));
  turns.request(a, () => done.push("a2"));
  turns.request(c, () => done.push("c1"));
  turns.cancel(c);
  const frame = () => due.shift()?.();
  frame();
  expect(done).toEqual(["a2"]);
  frame();
  expect(done).toEqual(["a2", "b1"]);
  frame();
  expect(due).toEqual([]);
  turns.request(a, () => done.push("a3"));
  frame();
  expect(done.at(-1)).toBe("a3");
});
