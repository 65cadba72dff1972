import { ImagePlus, Plus, SendHorizontal, Square } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { Button, IconButton } from "~/components/Button";
import { GrowingText } from "../chat/GrowingText";
import { MessageImages } from "../chat/MessageImages";
import { RoleSelect } from "../chat/RoleSelect";
import { useParts, usePlayground } from "../context";
import { composerProblem, type Target, targets } from "../state/compose";
import { IMAGE_TYPES } from "../state/images";
import { isRunning, newMessage } from "../state/make";
import type { Role } from "../state/types";
import { TargetSelect } from "./TargetSelect";
import { useAttachments } from "./useAttachments";

const ROLES: readonly Role[] = ["user", "system", "assistant"];

/** One field for every chat, or for one of them. */
export function Composer() {
  const { store, session } = useParts();
  const [text, setText] = useState("");
  const [role, setRole] = useState<Role>("user");
  const [target, setTarget] = useState<Target>("all");
  const attachments = useAttachments(target);
  const picker = useRef<HTMLInputElement>(null);
  const isAnswering = usePlayground((state) =>
    targets(state, target).some((chat) => chat.messages.some(isRunning)),
  );
  const problem = usePlayground((state) =>
    composerProblem(state, target, text !== "" || attachments.images.length > 0),
  );

  const add = () => {
    if (text === "" && attachments.images.length === 0) return;
    const images = role === "user" ? attachments.images : [];
    for (const chat of targets(store.get(), target))
      store.dispatch({
        type: "message/add",
        chatId: chat.id,
        part: "messages",
        message: newMessage(role, text, { images }),
      });
    setText("");
    attachments.clear();
  };
  const send = () => {
    if (problem !== null) return;
    const chats = targets(store.get(), target);
    add();
    for (const chat of chats) void session.send(chat.id);
  };
  const stop = () => {
    for (const chat of targets(store.get(), target)) session.stop(chat.id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    if (event.metaKey || event.ctrlKey) add();
    else send();
  };
  return (
    <section
      aria-label="Composer"
      onPaste={(event) => attachments.take(event.clipboardData.files, event)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => attachments.take(event.dataTransfer.files, event)}
      className="border-t border-line bg-panel p-2 md:p-3"
    >
      <div className="mx-auto max-w-4xl rounded-lg border border-line-strong bg-bg focus-within:outline-2 focus-within:outline-accent">
        <div className="px-2 empty:hidden">
          <MessageImages images={attachments.images} onRemove={attachments.remove} />
        </div>
        <GrowingText
          id="composer"
          aria-label="Message"
          aria-describedby="composer-problem"
          value={text}
          onChange={setText}
          onKeyDown={onKeyDown}
          placeholder="Write a message. Enter sends it, Shift+Enter begins a new line."
        />
        <div className="flex flex-wrap items-center gap-1 p-1">
          <RoleSelect label="Role of the message" roles={ROLES} value={role} onChange={setRole} />
          <TargetSelect value={target} onChange={setTarget} />
          <IconButton
            label="Attach images"
            disabled={attachments.reason !== null || role !== "user"}
            onClick={() => picker.current?.click()}
          >
            <ImagePlus aria-hidden className="size-4" />
          </IconButton>
          <input
            ref={picker}
            type="file"
            accept={IMAGE_TYPES.join(",")}
            multiple
            aria-label="Files to attach"
            tabIndex={-1}
            className="hidden"
            onChange={(event) => {
              if (event.target.files) attachments.take(event.target.files);
              event.target.value = "";
            }}
          />
          <span id="composer-problem" className="min-w-0 flex-1 truncate px-1 text-xs text-muted">
            {attachments.reason !== null && attachments.wanted ? attachments.reason : problem}
          </span>
          <Button small onClick={add} disabled={text === "" && attachments.images.length === 0}>
            <Plus aria-hidden className="size-3.5" /> Add
          </Button>
          {isAnswering ? (
            <Button small kind="danger" onClick={stop}>
              <Square aria-hidden className="size-3" /> Stop
            </Button>
          ) : (
            <Button small kind="primary" onClick={send} disabled={problem !== null}>
              <SendHorizontal aria-hidden className="size-3.5" /> Send
            </Button>
          )}
        </div>
      </div>
    </section>
  );
}
