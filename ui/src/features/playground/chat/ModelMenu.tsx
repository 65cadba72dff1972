import { useNavigate } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { Badge } from "~/components/Badge";
import { Menu, MenuItem, MenuSeparator, Submenu } from "~/components/Menu";
import { useModel, useParts, usePlayground } from "../context";
import { stateOf } from "../state/capabilities";
import { chatModels } from "../state/models";
import { find } from "../state/store";

/** The dropdown with every model that this chat may ask. */
export function ModelMenu({ chatId, number }: { chatId: string; number: number }) {
  const { store, models } = useParts();
  const navigate = useNavigate();
  const modelId = usePlayground((state) => find(state, chatId)?.model ?? "");
  const model = useModel(modelId);
  const name = model?.label ?? modelId;
  const choose = (chosen: string) => store.dispatch({ type: "chat/model", chatId, model: chosen });
  const compare = () => void navigate({ to: "/inference" });
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
      <MenuSeparator />
      <MenuItem onSelect={compare}>Compare models…</MenuItem>
    </Menu>
  );
}
