/** What the keyboard does. Pure: what is pressed, and what that means. */

export type Command =
  | { readonly name: "stop" | "help" | "compose" | "add-chat" | "settings" | "code" | "share" }
  | { readonly name: "chat"; readonly index: number };

/** Read from the help sheet; in the order of use. */
export const SHORTCUTS: readonly { keys: string; does: string }[] = [
  { keys: "Enter", does: "Send the message" },
  { keys: "Shift+Enter", does: "Begin a new line" },
  { keys: "Ctrl/Cmd+Enter", does: "Add the message without sending it; save an edited one" },
  { keys: "Esc", does: "Stop what is being answered" },
  { keys: "Ctrl/Cmd+I", does: "Write in the composer" },
  { keys: "Ctrl/Cmd+Shift+Y", does: "Add a chat" },
  { keys: "Ctrl/Cmd+.", does: "Settings of the chat that is looked at" },
  { keys: "Ctrl/Cmd+Shift+U", does: "Its code" },
  { keys: "Ctrl/Cmd+Shift+S", does: "Copy a link to all chats" },
  { keys: "Alt+1 … Alt+9", does: "Look at that chat" },
  { keys: "Ctrl/Cmd+/", does: "This sheet" },
];

interface Pressed {
  readonly key: string;
  readonly code: string;
  readonly metaKey: boolean;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** The command that a key stands for; null for an ordinary key. */
export function commandOf(pressed: Pressed): Command | null {
  const { key, code, shiftKey, altKey } = pressed;
  const hasControl = pressed.metaKey || pressed.ctrlKey;
  if (key === "Escape") return { name: "stop" };
  // With Alt, some layouts write another character: the place of the key counts.
  const digit = /^Digit([1-9])$/.exec(code)?.[1];
  if (altKey && !hasControl && digit !== undefined) return { name: "chat", index: Number(digit) - 1 };
  if (!hasControl || altKey) return null;
  if (key === "/") return { name: "help" };
  if (key === ".") return { name: "settings" };
  const letter = key.toLowerCase();
  if (!shiftKey) return letter === "i" ? { name: "compose" } : null;
  if (letter === "y") return { name: "add-chat" };
  if (letter === "u") return { name: "code" };
  return letter === "s" ? { name: "share" } : null;
}
