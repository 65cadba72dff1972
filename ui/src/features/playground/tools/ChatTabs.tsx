import { useChatIds, useParts, usePlayground } from "../context";
import { showChat } from "./showChat";

/** On a phone there is room for one chat: a tab for each, and the columns follow a swipe. */
export function ChatTabs() {
  const { store } = useParts();
  const ids = useChatIds();
  const activeId = usePlayground((state) => state.activeId);
  if (ids.length < 2) return null;
  return (
    <nav aria-label="Chats" className="flex gap-1 overflow-x-auto border-b border-line px-3 py-1 md:hidden">
      {ids.map((id, index) => (
        <button
          key={id}
          type="button"
          aria-pressed={id === activeId}
          onClick={() => {
            store.dispatch({ type: "chat/activate", chatId: id });
            showChat(id);
          }}
          className="h-8 shrink-0 rounded-md px-3 text-muted aria-pressed:bg-hover aria-pressed:font-medium aria-pressed:text-fg"
        >
          Chat {index + 1}
        </button>
      ))}
    </nav>
  );
}
