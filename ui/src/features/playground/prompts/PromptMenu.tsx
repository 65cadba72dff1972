import { useQuery } from "@tanstack/react-query";
import { BookMarked } from "lucide-react";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { Menu, MenuItem, MenuSeparator } from "~/components/Menu";
import { useParts } from "../context";
import { newMessage } from "../state/make";
import type { Message } from "../state/types";
import { promptsQuery } from "./calls";
import { SavePromptDialog } from "./SavePromptDialog";

interface PromptMenuProps {
  chatId: string;
  prompt: readonly Message[];
  number: number;
}

/** Begin with a saved prompt, or save this one for others to begin with. */
export function PromptMenu({ chatId, prompt, number }: PromptMenuProps) {
  const { store } = useParts();
  const [saving, setSaving] = useState(false);
  const load = (messages: readonly Message[]) => {
    // Each chat has messages of its own.
    const own = messages.map(({ role, content }) => newMessage(role, content));
    store.dispatch({ type: "chat/prompt", chatId, prompt: own });
  };
  const button = (
    <Button small kind="quiet" aria-label={`Saved prompts for chat ${number}`} className="text-muted">
      <BookMarked aria-hidden className="size-3.5" /> Saved prompts
    </Button>
  );
  return (
    <>
      <Menu button={button}>
        <SavedPrompts onChoose={load} />
        <MenuSeparator />
        <MenuItem onSelect={() => setSaving(true)} disabled={prompt.length === 0}>
          Save this prompt…
        </MenuItem>
        <MenuItem onSelect={() => load([])} disabled={prompt.length === 0}>
          New prompt
        </MenuItem>
      </Menu>
      {saving && <SavePromptDialog prompt={prompt} onClose={() => setSaving(false)} />}
    </>
  );
}

/** Asked for when the menu opens. */
function SavedPrompts({ onChoose }: { onChoose: (messages: readonly Message[]) => void }) {
  const { place } = useParts();
  const prompts = useQuery(promptsQuery(place));
  if (prompts.error) return <MenuItem disabled>{asApiError(prompts.error).message}</MenuItem>;
  if (prompts.data === undefined) return <MenuItem disabled>Loading…</MenuItem>;
  if (prompts.data.length === 0) return <MenuItem disabled>No prompt is saved in this project yet</MenuItem>;
  return prompts.data.map(({ objectId, versionIndex, messages }) => (
    <MenuItem key={objectId} disabled={messages === null} onSelect={() => messages && onChoose(messages)}>
      <span className="min-w-0 flex-1 truncate">{objectId}</span>
      <span className="text-2xs text-muted">{messages === null ? "no chat" : `v${versionIndex}`}</span>
    </MenuItem>
  ));
}
