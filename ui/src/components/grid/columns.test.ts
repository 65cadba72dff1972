import { expect, test } from "vitest";
import { type GridColumn, layOut, MIN_WIDTH, SELECT_WIDTH } from "./columns";

const column = (id: string, more: Partial<GridColumn<string>> = {}): GridColumn<string> => ({
  id,
  header: id,
  cell: (row) => row,
  ...more,
});

test("pinned columns come first and know where they stay", () => {
  const laid = layOut(
    [column("a"), column("b", { pinned: true, width: 100 }), column("c", { pinned: true })],
    { c: 60 },
    true,
  );
  expect(laid.map((one) => [one.column.id, one.left])).toEqual([
    ["b", SELECT_WIDTH],
    ["c", SELECT_WIDTH + 100],
    ["a", null],
  ]);
});

test("no column gets too narrow to be pulled", () => {
  expect(layOut([column("a")], { a: 3 }, false)[0]?.width).toBe(MIN_WIDTH);
});
