/** Bring a chat into sight, where there is no room for all of them. */
export function showChat(chatId: string): void {
  document.getElementById(`chat-${chatId}`)?.scrollIntoView({ inline: "center", block: "nearest" });
}
