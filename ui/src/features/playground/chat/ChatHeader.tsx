import { Code, Ellipsis, SlidersHorizontal } from "lucide-react";
import { memo, useState } from "react";
import { Badge } from "~/components/Badge";
import { IconButton } from "~/components/Button";
import { CopyButton } from "~/components/Copy";
import { ConfirmDialog } from "~/components/Dialog";
import { Tooltip } from "~/components/Tooltip";
import { useModel, useParts, usePlayground } from "../context";
import { SettingsDrawer } from "../settings/SettingsDrawer";
import { stateOf } from "../state/capabilities";
import { lastRequestId } from "../state/conversation";
import { changedSettings, DEFAULTS } from "../state/settings";
import { find } from "../state/store";
import { CodeDialog } from "../tools/CodeDialog";
import { ChatMenu } from "./ChatMenu";
import { ModelMenu } from "./ModelMenu";

type Opened = "settings" | "code" | "clear" | null;

interface ChatHeaderProps {
  chatId: string;
  number: number;
  isOnly: boolean;
}

/** The number, the model and the settings of a chat, and what can be done with it. It does not draw while it streams. */
export const ChatHeader = memo(function ChatHeader({ chatId, number, isOnly }: ChatHeaderProps) {
  const { session } = useParts();
  const [opened, open] = useState<Opened>(null);
  const close = () => open(null);
  const settings = usePlayground((state) => find(state, chatId)?.settings) ?? DEFAULTS;
  const changed = changedSettings(settings);
  return (
    <header className="border-b border-line bg-panel px-2 py-1.5">
      <div className="flex items-center gap-1">
        <span
          aria-hidden
          className="inline-flex size-5 shrink-0 items-center justify-center rounded bg-hover text-xs font-semibold"
        >
          {number}
        </span>
        <ModelMenu chatId={chatId} number={number} />
        <Tooltip
          tip={changed.length === 0 ? "All settings are at their defaults" : <Changed changed={changed} />}
        >
          <button
            type="button"
            aria-label={`Chat settings of chat ${number}${changed.length > 0 ? `, changed: ${changed.join("; ")}` : ""}`}
            onClick={() => open("settings")}
            className="relative inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-fg pointer-coarse:size-9"
          >
            <SlidersHorizontal aria-hidden className="size-4" />
            {changed.length > 0 && (
              <span aria-hidden className="absolute top-1 right-1 size-1.5 rounded-full bg-accent" />
            )}
          </button>
        </Tooltip>
        <IconButton label={`View code of chat ${number}`} onClick={() => open("code")}>
          <Code aria-hidden className="size-4" />
        </IconButton>
        <ChatMenu
          chatId={chatId}
          isOnly={isOnly}
          onClear={() => open("clear")}
          button={
            <IconButton label={`More of chat ${number}`}>
              <Ellipsis aria-hidden className="size-4" />
            </IconButton>
          }
        />
      </div>
      <Underline chatId={chatId} />
      <SettingsDrawer open={opened === "settings"} onClose={close} chatId={chatId} number={number} />
      <CodeDialog open={opened === "code"} onClose={close} chatId={chatId} />
      <ConfirmDialog
        open={opened === "clear"}
        onClose={close}
        title="Clear chat history"
        verb="Clear"
        onConfirm={() => {
          session.clear(chatId);
          close();
        }}
      >
        The messages of chat {number} are removed here. Its prompt and settings stay, and so does what was
        traced.
      </ConfirmDialog>
    </header>
  );
});

function Changed({ changed }: { changed: readonly string[] }) {
  return (
    <ul>
      {changed.map((each) => (
        <li key={each}>{each}</li>
      ))}
    </ul>
  );
}

/** The model's state where it is no ordinary one, and the id of the last call. */
function Underline({ chatId }: { chatId: string }) {
  const modelId = usePlayground((state) => find(state, chatId)?.model ?? "");
  const model = useModel(modelId);
  const callId = usePlayground((state) => {
    const chat = find(state, chatId);
    return chat === undefined ? null : lastRequestId(chat);
  });
  const state = model === null ? null : stateOf(model);
  return (
    <div className="flex h-6 items-center gap-2 pl-1 text-xs text-muted">
      {state !== null && state.word !== "" && (
        <Badge tone={state.isUsable ? "plain" : "warn"} title={state.explanation}>
          {state.word}
        </Badge>
      )}
      {callId === null ? (
        <span>{modelId === "" ? "Select a model to begin" : "No call yet"}</span>
      ) : (
        <>
          <span data-testid="call-id" className="min-w-0 truncate font-mono text-2xs" title={callId}>
            {callId}
          </span>
          <CopyButton text={callId} label="Copy call ID" />
        </>
      )}
    </div>
  );
}
