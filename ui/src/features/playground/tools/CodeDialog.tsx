import { useState } from "react";
import { CopyButton } from "~/components/Copy";
import { Dialog } from "~/components/Dialog";
import { Segmented } from "~/components/Tabs";
import { abridged, LANGUAGES, type Language, snippet } from "../code/snippets";
import { useChat, useModel, useParts } from "../context";
import { factsOf } from "../state/capabilities";
import { toRequest } from "../state/request";

interface CodeDialogProps {
  open: boolean;
  onClose: () => void;
  chatId: string;
}

/** The chat as a program that asks the same. */
export function CodeDialog({ open, onClose, chatId }: CodeDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title="View code" wide>
      <Code chatId={chatId} />
    </Dialog>
  );
}

function Code({ chatId }: { chatId: string }) {
  const { place } = useParts();
  const chat = useChat(chatId);
  const model = useModel(chat?.model ?? "");
  const [language, setLanguage] = useState<Language>("python");
  if (chat === undefined) return null;
  const where = { baseUrl: `${location.origin}/v1`, project: `${place.team}/${place.project}` };
  const code = snippet(language, toRequest(chat, factsOf(model)), where);
  const label = LANGUAGES.find((each) => each.value === language)?.label ?? "code";
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Segmented label="Language" value={language} options={[...LANGUAGES]} onChange={setLanguage} />
        <CopyButton text={code} label={`Copy ${label}`} withLabel />
      </div>
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className="max-h-[55vh] overflow-auto rounded-md border border-line bg-panel p-3 font-mono text-xs leading-relaxed"
      >
        <code>{abridged(code)}</code>
      </pre>
      <p className="text-xs text-muted">
        It asks what the next request of this chat would ask, with every setting. Make a key under Settings,
        API keys, and put it into WEFT_API_KEY. Pictures are cut short here and whole in what is copied.
      </p>
    </div>
  );
}
