import type { Call } from "~/api/weave/calls";
import type { GridColumn } from "~/components/grid/columns";
import { cellOf, titleOf } from "./cells";
import { knownOf, labelOf } from "./known";
import type { Seen } from "./paths";

const WIDTH = 190;
const FIGURE_WIDTH = 110;

/** The columns of a grid of calls of `place` (`team/project`). */
export function gridColumns(
  paths: string[],
  pins: string[],
  seen: Seen[],
  place: string,
): GridColumn<Call>[] {
  const kinds = new Map(seen.map((one) => [one.path, one.kind]));
  return paths.map((path) => {
    const known = knownOf(path);
    const numeric = known ? known.numeric : kinds.get(path) === "number";
    return {
      id: path,
      header: labelOf(path),
      cell: (call) => cellOf(path, call, place),
      title: (call) => titleOf(path, call),
      width: known?.width ?? (numeric ? FIGURE_WIDTH : WIDTH),
      sortable: true,
      pinned: pins.includes(path),
      ...(numeric && { numeric }),
    };
  });
}
