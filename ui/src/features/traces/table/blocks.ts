/** A page of a long list, read in blocks: which blocks are needed for what is in sight, and how they are asked for. Pure. */

export const BLOCK = 100;

/** The blocks of rows `first` to `last` of a page, and one more on the side to which one scrolls. */
export function blocksFor(first: number, last: number, rows: number): number[] {
  const from = Math.max(0, Math.floor(first / BLOCK));
  const to = Math.min(Math.floor((last + BLOCK / 2) / BLOCK), Math.floor(Math.max(0, rows - 1) / BLOCK));
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

export interface Piece {
  offset: number;
  limit: number;
  /** Asked for from the other end, and turned round. */
  fromEnd: boolean;
}

/**
 * How rows `offset` to `offset + limit` are asked for. An offset costs the server as much as it is large, so that rows
 * of the second half are asked for from the end; for that the whole number has to be known.
 */
export function pieceOf(offset: number, limit: number, total: number | null): Piece {
  if (total === null || offset < total / 2 || offset >= total) return { offset, limit, fromEnd: false };
  const size = Math.min(limit, total - offset);
  return { offset: total - offset - size, limit: size, fromEnd: true };
}

/** How many rows a page has: as far as is known, and a block more where there may be more. */
export function rowsOf(pageStart: number, size: number, total: number | null, loaded: number): number {
  if (total !== null) return Math.max(0, Math.min(size, total - pageStart));
  return Math.min(size, loaded);
}
