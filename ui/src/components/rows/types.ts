import type { ColumnType } from "~/lib/rows/types";

export const COLUMN_TYPES: { value: ColumnType; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Numbers" },
  { value: "boolean", label: "True or false" },
  { value: "json", label: "JSON" },
];

export const ROW_HEIGHT = 34;
export const HEAD_HEIGHT = 34;
export const NUMBER_WIDTH = 64;
