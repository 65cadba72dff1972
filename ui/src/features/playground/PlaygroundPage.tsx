import { useMemo, useState } from "react";
import { usePageTitle } from "~/components/Page";
import type { Place } from "~/lib/place";
import { Announcer } from "./Announcer";
import { Column } from "./chat/Column";
import { Composer } from "./compose/Composer";
import { PlaygroundContext, type PlaygroundParts, useChatIds, useParts } from "./context";
import { ChatTabs } from "./tools/ChatTabs";
import { PutAside } from "./tools/PutAside";
import { Toolbar } from "./tools/Toolbar";
import { useShortcuts } from "./tools/useShortcuts";
import { useOpened } from "./useOpened";
import { useSession } from "./useSession";

interface PlaygroundPageProps {
  place: Place;
  /** One chat for each, in place of those that were there; none leaves them. */
  models: readonly string[];
  /** The models and the link have been taken: the address can forget them. */
  onTaken: () => void;
}

/** Chats side by side, with one composer for all of them. Keyed by its project: each has chats of its own. */
export function PlaygroundPage({ place, models, onTaken }: PlaygroundPageProps) {
  usePageTitle("Playground");
  const { store, session, catalog, announcements } = useSession(place);
  const { aside, bringBack, forget } = useOpened(store, models, onTaken);
  const parts = useMemo<PlaygroundParts>(
    () => ({ place, store, session, models: catalog }),
    [place, store, session, catalog],
  );
  return (
    <PlaygroundContext value={parts}>
      <div className="flex h-[calc(100dvh-45px)] flex-col md:h-dvh pointer-coarse:h-[calc(100dvh-53px)] md:pointer-coarse:h-dvh">
        {aside && <PutAside count={aside.chats.length} onBringBack={bringBack} onForget={forget} />}
        <Chats />
      </div>
      <Announcer announcements={announcements} />
    </PlaygroundContext>
  );
}

function Chats() {
  const { store } = useParts();
  const ids = useChatIds();
  const [helping, setHelping] = useState(false);
  useShortcuts(() => setHelping(true));
  /** Where one chat fills the screen, the one that was swiped to is the one that is looked at. */
  const follow = (columns: HTMLElement) => {
    const first = columns.firstElementChild;
    if (first === null || first.clientWidth < columns.clientWidth - 2) return;
    const chatId = ids[Math.round(columns.scrollLeft / columns.clientWidth)];
    if (chatId !== undefined && chatId !== store.get().activeId)
      store.dispatch({ type: "chat/activate", chatId });
  };
  return (
    <>
      <Toolbar helping={helping} onHelp={setHelping} />
      <ChatTabs />
      <div
        onScroll={(event) => follow(event.currentTarget)}
        className="flex min-h-0 flex-1 snap-x snap-mandatory overflow-x-auto overscroll-x-contain md:snap-none"
      >
        {ids.map((id, index) => (
          <Column key={id} chatId={id} number={index + 1} isOnly={ids.length === 1} />
        ))}
      </div>
      <Composer />
    </>
  );
}
