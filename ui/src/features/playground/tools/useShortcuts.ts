import { useEffect } from "react";
import { useParts } from "../context";
import { newChat } from "../state/make";
import type { PlaygroundStore } from "../state/store";
import { shareChats } from "./shareLink";
import { type Command, commandOf } from "./shortcuts";
import { showChat } from "./showChat";

/** Listens to the keyboard while the Playground is on the screen. */
export function useShortcuts(onHelp: () => void): void {
  const { store, session } = useParts();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it calls does not change with the page
  useEffect(() => {
    const run = (command: Command): boolean => {
      switch (command.name) {
        case "stop":
          // Escape belongs to what is open above the chats.
          if (document.querySelector("[role=dialog], [role=menu]")) return false;
          return session.stopAll();
        case "help":
          onHelp();
          return true;
        case "compose":
          document.getElementById("composer")?.focus();
          return true;
        case "add-chat":
          store.dispatch({ type: "chat/add", chat: newChat() });
          return true;
        case "share":
          void shareChats(store.get().chats);
          return true;
        case "chat":
          return lookAt(store, command.index);
        case "settings":
          return press(store, "Chat settings of");
        case "code":
          return press(store, "View code of");
      }
    };
    const listen = (event: KeyboardEvent) => {
      const command = event.defaultPrevented ? null : commandOf(event);
      if (command !== null && run(command)) event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [store, session]);
}

function lookAt(store: PlaygroundStore, index: number): boolean {
  const chat = store.get().chats[index];
  if (chat === undefined) return false;
  store.dispatch({ type: "chat/activate", chatId: chat.id });
  showChat(chat.id);
  document.querySelector<HTMLElement>(`#chat-${chat.id} [aria-label^="Messages of"]`)?.focus();
  return true;
}

/** Press the button of the active chat whose name begins so: what it opens is its own affair. */
function press(store: PlaygroundStore, label: string): boolean {
  const chat = `#chat-${store.get().activeId}`;
  const button = document.querySelector<HTMLElement>(`${chat} [aria-label^="${label}"]`);
  button?.click();
  return button !== null;
}
