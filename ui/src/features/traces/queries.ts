import { queryOptions } from "@tanstack/react-query";
import { findObjects } from "~/api/weave/objects";
import { VIEW_CLASS, viewOf } from "./views/saved";

const OPS = 500;
const VIEWS = 200;

/** The names of a project's ops, for a choice; what else there is, is seen in the rows. */
export const opsQuery = (project: string) =>
  queryOptions({
    queryKey: ["traces-ops", project],
    queryFn: async ({ signal }) => {
      const asked = { filter: { is_op: true, latest_only: true }, metadata_only: true, limit: OPS };
      const found = await findObjects(project, asked, signal);
      return found.map((one) => one.object_id);
    },
    staleTime: 60_000,
  });

export interface NamedView {
  name: string;
  label: string;
  version: number;
  settings: NonNullable<ReturnType<typeof viewOf>>["settings"];
  whole: boolean;
}

/** The saved views of a project's traces, the latest version of each. */
export const viewsQuery = (project: string) =>
  queryOptions({
    queryKey: ["traces-views", project],
    queryFn: async ({ signal }) => {
      const asked = { filter: { base_object_classes: [VIEW_CLASS], latest_only: true }, limit: VIEWS };
      const found = await findObjects(project, asked, signal);
      const views = found.flatMap((one): NamedView[] => {
        const view = viewOf(one.val);
        return view ? [{ ...view, name: one.object_id, version: one.version_index }] : [];
      });
      return views.sort((one, other) => one.label.localeCompare(other.label));
    },
    staleTime: 30_000,
  });
