import { toast } from "~/components/Toasts";
import { copyText } from "~/lib/clipboard";
import { TooLargeToShare, toHash } from "../state/share";
import type { Chat } from "../state/types";

/** Copy a link that holds `chats`; says what happened. */
export async function shareChats(chats: readonly Chat[]): Promise<void> {
  try {
    const link = `${location.origin}/playground#${await toHash(chats)}`;
    if (await copyText(link))
      toast("The link is copied. It holds the chats themselves; nothing was sent to the server.");
    else toast("The browser did not allow copying.", "bad");
  } catch (error) {
    if (!(error instanceof TooLargeToShare)) throw error;
    toast(error.message, "bad");
  }
}
