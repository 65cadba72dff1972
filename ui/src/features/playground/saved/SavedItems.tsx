import { useQuery } from "@tanstack/react-query";
import { Badge } from "~/components/Badge";
import { MenuItem, MenuSeparator } from "~/components/Menu";
import type { Place } from "~/lib/place";
import type { Chat } from "../state/types";
import { chatOf } from "./params";
import { savedQuery } from "./queries";

interface SavedItemsProps {
  place: Place;
  /** One was chosen: a chat with its model, settings and prompt. */
  onChoose: (chat: Chat) => void;
  /** They are to be looked through, and deleted. */
  onManage: () => void;
}

/** The saved models of the project, as items of a menu. */
export function SavedItems({ place, onChoose, onManage }: SavedItemsProps) {
  const { data, isPending, error } = useQuery(savedQuery(place));
  if (isPending) return <MenuItem disabled>Loading…</MenuItem>;
  if (error !== null) return <MenuItem disabled>They cannot be read at the moment</MenuItem>;
  if (data.length === 0) return <MenuItem disabled>None yet: publish one in the chat settings</MenuItem>;
  return (
    <>
      {data.map((saved) => (
        <MenuItem key={saved.object_id} onSelect={() => onChoose(chatOf(saved))}>
          <span className="min-w-0 flex-1 truncate" title={saved.llm_model_id}>
            {saved.name}
          </span>
          <Badge>{`v${saved.version_index}`}</Badge>
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={onManage}>Manage saved models…</MenuItem>
    </>
  );
}
