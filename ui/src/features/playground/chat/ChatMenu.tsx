import { Copy, Eraser, Link2, X } from "lucide-react";
import type { ReactElement } from "react";
import { Menu, MenuItem, MenuSeparator } from "~/components/Menu";
import { useParts, usePlayground } from "../context";
import { copyOf } from "../state/make";
import { find } from "../state/store";
import { shareChats } from "../tools/shareLink";

interface ChatMenuProps {
  chatId: string;
  isOnly: boolean;
  button: ReactElement;
  onClear: () => void;
}

const ICON = "size-4 text-muted";

/** What can be done with one chat as a whole. */
export function ChatMenu({ chatId, isOnly, button, onClear }: ChatMenuProps) {
  const { store, session } = useParts();
  const isEmpty = usePlayground((state) => find(state, chatId)?.messages.length === 0);
  const share = () => {
    const chat = store.find(chatId);
    if (chat !== undefined) void shareChats([chat]);
  };
  const duplicate = () => {
    const chat = store.find(chatId);
    if (chat !== undefined) store.dispatch({ type: "chat/add", chat: copyOf(chat), afterId: chatId });
  };
  return (
    <Menu button={button}>
      <MenuItem onSelect={share}>
        <Link2 aria-hidden className={ICON} /> Copy link to this chat
      </MenuItem>
      <MenuItem onSelect={duplicate}>
        <Copy aria-hidden className={ICON} /> Duplicate chat
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={onClear} disabled={isEmpty}>
        <Eraser aria-hidden className={ICON} /> Clear chat
      </MenuItem>
      <MenuItem onSelect={() => session.remove(chatId)} disabled={isOnly}>
        <X aria-hidden className={ICON} /> Remove chat
      </MenuItem>
    </Menu>
  );
}
