import * as Ariakit from "@ariakit/react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { catalogQuery } from "~/api/catalog";
import { meQuery } from "~/api/queries";
import { usePlace } from "~/lib/usePlace";
import { entries, matching } from "./palette";

/** `Cmd/Ctrl-K`: every page, project and model by a few letters. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Ariakit.Dialog
      open={open}
      onClose={onClose}
      unmountOnHide
      aria-label="Search"
      backdrop={<div className="bg-black/40" />}
      className="fixed inset-x-3 top-[12vh] z-50 mx-auto flex max-h-[70vh] max-w-xl flex-col overflow-hidden rounded-lg border border-line bg-raised shadow-xl"
    >
      <Finder onClose={onClose} />
    </Ariakit.Dialog>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const { data: me } = useQuery(meQuery);
  const { data: models } = useQuery(catalogQuery);
  const place = usePlace();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const all = useMemo(() => entries(me, place, models?.models ?? []), [me, place, models]);
  const found = useMemo(() => matching(all, text), [all, text]);
  const go = (path: string) => {
    onClose();
    void navigate({ to: path });
  };
  // The list is drawn after the letters came, so who types and goes on at once would get what it showed before. Where
  // nobody moved in the list, Enter is answered from the letters themselves.
  const moved = useRef(false);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") moved.current = true;
    if (event.key !== "Enter" || moved.current || event.nativeEvent.isComposing) return;
    event.preventDefault();
    const [best] = matching(all, event.currentTarget.value);
    if (best) go(best.path);
  };
  return (
    <Ariakit.ComboboxProvider open setValue={setText}>
      <Ariakit.Combobox
        autoFocus
        autoSelect="always"
        onChange={() => {
          moved.current = false;
        }}
        onKeyDown={onKeyDown}
        placeholder="Go to a page, a project or a model"
        aria-label="Go to"
        className="border-b border-line bg-transparent px-4 py-3 text-base outline-none"
      />
      <Ariakit.ComboboxList alwaysVisible aria-label="Results" className="overflow-auto p-1">
        {found.map((entry) => (
          <Ariakit.ComboboxItem
            key={entry.path + entry.label}
            value={entry.label}
            setValueOnClick={false}
            hideOnClick={false}
            onClick={() => go(entry.path)}
            className="flex items-baseline gap-2 rounded px-3 py-1.5 data-active-item:bg-hover"
          >
            <span className="min-w-0 truncate">{entry.label}</span>
            <span className="ml-auto text-xs text-muted">{entry.kind}</span>
          </Ariakit.ComboboxItem>
        ))}
        {found.length === 0 && (
          <div className="px-3 py-6 text-center text-muted">Nothing goes by “{text}”.</div>
        )}
      </Ariakit.ComboboxList>
    </Ariakit.ComboboxProvider>
  );
}
