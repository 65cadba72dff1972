import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { providersQuery } from "~/api/providers";
import { Badge } from "~/components/Badge";
import { Menu, MenuItem, MenuSeparator, Submenu } from "~/components/Menu";
import { ProviderItems } from "~/components/ProviderItems";
import { parseCustomModelId } from "~/lib/customModels";
import { useModel, useParts, usePlayground } from "../context";
import { ProviderDialog } from "../providers/ProviderDialog";
import { SavedDialog } from "../saved/SavedDialog";
import { SavedItems } from "../saved/SavedItems";
import { stateOf } from "../state/capabilities";
import { chatModels } from "../state/models";
import { find } from "../state/store";
import type { Chat } from "../state/types";

/** The dropdown with every model that this chat may ask. */
export function ModelMenu({ chatId, number }: { chatId: string; number: number }) {
  const { place, store, models } = useParts();
  const navigate = useNavigate();
  const modelId = usePlayground((state) => find(state, chatId)?.model ?? "");
  const model = useModel(modelId);
  const name = model?.label ?? parseCustomModelId(modelId)?.model ?? modelId;
  const [adding, setAdding] = useState(false);
  const [managing, setManaging] = useState(false);
  const choose = (chosen: string) => store.dispatch({ type: "chat/model", chatId, model: chosen });
  const take = (saved: Chat) => {
    const { model: chosen, settings, prompt } = saved;
    store.dispatch(
      { type: "chat/model", chatId, model: chosen },
      { type: "chat/settings", chatId, settings },
      { type: "chat/prompt", chatId, prompt },
      { type: "chat/saved", chatId, saved: saved.saved },
    );
  };
  const compare = () => void navigate({ to: "/inference" });
  const configure = () =>
    void navigate({
      to: "/settings/teams/$team/providers",
      params: { team: place.team },
      search: { project: place.project },
    });
  const button = (
    <button
      type="button"
      aria-label={name === "" ? `Select a model for chat ${number}` : `Model of chat ${number}: ${name}`}
      className="flex h-7 min-w-0 flex-1 items-center gap-1 rounded-md px-2 text-left font-medium hover:bg-hover pointer-coarse:h-9"
    >
      <span className={`min-w-0 truncate ${name === "" ? "text-muted" : ""}`}>
        {name === "" ? "Select a model" : name}
      </span>
      <ChevronDown aria-hidden className="size-3.5 shrink-0 text-muted" />
    </button>
  );
  return (
    <>
      <Menu button={button} label="Models">
        <Submenu label="Serverless Inference">
          <MenuItem onSelect={compare}>Compare</MenuItem>
          <MenuSeparator />
          {chatModels(models.values()).map((each) => {
            const { word, explanation, isUsable } = stateOf(each);
            return (
              <MenuItem key={each.id} onSelect={() => choose(each.id)} disabled={!isUsable}>
                <span className="min-w-0 flex-1 truncate" title={explanation}>
                  {each.label}
                </span>
                {word !== "" && <Badge>{word}</Badge>}
              </MenuItem>
            );
          })}
          {models.size === 0 && <MenuItem disabled>There is no model yet</MenuItem>}
        </Submenu>
        <ProviderItems place={place} onChoose={choose} />
        <Submenu label="Saved Models">
          <SavedItems place={place} onChoose={take} onManage={() => setManaging(true)} />
        </Submenu>
        <MenuSeparator />
        <MenuItem onSelect={compare}>Compare models…</MenuItem>
        <MenuItem onSelect={() => setAdding(true)}>Add AI provider…</MenuItem>
        <MenuItem onSelect={configure}>Configure providers</MenuItem>
      </Menu>
      <AddProvider open={adding} onClose={() => setAdding(false)} />
      <SavedDialog place={place} open={managing} onClose={() => setManaging(false)} />
    </>
  );
}

function AddProvider({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { place } = useParts();
  const { data } = useQuery(providersQuery(place));
  const names = (data ?? []).map((one) => one.name);
  return <ProviderDialog place={place} open={open} onClose={onClose} provider={null} names={names} />;
}
