import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { asApiError } from "~/api/errors";
import { createObject, deleteObject } from "~/api/weave/objects";
import { toast } from "~/components/Toasts";
import { type NamedView, viewsQuery } from "../queries";
import { isSame, settingsOf, type TracesSearch } from "../search";
import { keepDefault, keptDefault } from "./default";
import { newName, objectOf } from "./saved";

export interface Views {
  all: NamedView[];
  /** The one that the table began from. */
  current: NamedView | null;
  isChanged: boolean;
  /** The name of the view that the page opens with. */
  standard: string | null;
  isBusy: boolean;
  open: (view: NamedView | null) => void;
  save: (label: string, asNew: boolean) => Promise<unknown>;
  rename: (label: string) => Promise<unknown>;
  remove: () => Promise<unknown>;
  makeStandard: (name: string | null) => void;
}

/** The saved views of a project, and the one that is open. */
export function useViews(
  project: string,
  search: TracesSearch,
  onSearch: (search: TracesSearch, replace?: boolean) => void,
): Views {
  const client = useQueryClient();
  const found = useQuery(viewsQuery(project));
  const all = found.data ?? [];
  const current = all.find((one) => one.name === search.view) ?? null;
  const standard = keptDefault(project);
  useOpening(found.data, standard, search, onSearch);
  const changed = useMutation({
    mutationFn: async ({ name, label, settings }: Pick<NamedView, "name" | "label" | "settings">) => {
      await createObject(project, name, objectOf(label, settings, new Date()));
      await client.invalidateQueries(viewsQuery(project));
      return name;
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const removed = useMutation({
    mutationFn: async (name: string) => {
      await deleteObject(project, name);
      await client.invalidateQueries(viewsQuery(project));
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const settings = settingsOf(search);
  return {
    all,
    current,
    isChanged: current !== null && !isSame(settings, current.settings),
    standard,
    isBusy: changed.isPending || removed.isPending,
    open: (view) => onSearch(view ? { view: view.name, ...view.settings } : {}),
    save: async (label, asNew) => {
      const name = asNew || current === null ? newName(new Date()) : current.name;
      await changed.mutateAsync({ name, label, settings });
      onSearch({ ...search, view: name });
      toast(`View “${label}” saved.`);
    },
    rename: async (label) => {
      if (current) await changed.mutateAsync({ ...current, label });
    },
    remove: async () => {
      if (!current) return;
      await removed.mutateAsync(current.name);
      if (standard === current.name) keepDefault(project, null);
      onSearch(settings);
      toast(`View “${current.label}” deleted.`);
    },
    makeStandard: (name) => {
      keepDefault(project, name);
      toast(
        name ? "This page opens with this view from now on, in this browser." : "The page opens plain again.",
      );
    },
  };
}

/** An address that only names a view opens with the view's settings, and one that names nothing with the standard one. */
function useOpening(
  views: NamedView[] | undefined,
  standard: string | null,
  search: TracesSearch,
  onSearch: (search: TracesSearch, replace?: boolean) => void,
): void {
  const isOpened = useRef(false);
  useEffect(() => {
    if (isOpened.current || !views) return;
    isOpened.current = true;
    const { live, ...rest } = search;
    const isPlain = Object.keys(rest).every((key) => key === "view");
    const wanted = isPlain ? (search.view ?? standard) : null;
    const view = views.find((one) => one.name === wanted);
    if (view) onSearch({ ...search, view: view.name, ...view.settings }, true);
  }, [views, standard, search, onSearch]);
}
