import { useEffect, useState } from "react";
import { toast } from "~/components/Toasts";
import { newPlayground, ofChats } from "./state/make";
import { fromHash, holdsChats } from "./state/share";
import type { PlaygroundStore } from "./state/store";
import type { Playground } from "./state/types";

interface Opened {
  /** What was there before, where it held something. */
  aside: Playground | null;
  bringBack: () => void;
  forget: () => void;
}

/** Opens what the address asks for: a chat for each model, or the chats of a link. */
export function useOpened(store: PlaygroundStore, models: readonly string[], onTaken: () => void): Opened {
  const [aside, setAside] = useState<Playground | null>(null);
  const wanted = models.join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: each address is taken once
  useEffect(() => {
    const open = (playground: Playground) => {
      const before = store.get();
      if (before.chats.some((chat) => chat.messages.length > 0)) setAside(before);
      store.dispatch({ type: "playground/replace", playground });
    };
    const { hash } = location;
    if (wanted !== "") {
      open(newPlayground(wanted.split("\n")));
      onTaken();
    } else if (holdsChats(hash)) {
      void fromHash(hash).then((chats) => {
        if (chats === null)
          toast("This link holds no chats that can be read. It may have been cut off on its way.", "bad");
        else open(ofChats(chats));
        onTaken();
      });
    }
  }, [wanted, store]);
  return {
    aside,
    bringBack: () => {
      if (aside) store.dispatch({ type: "playground/replace", playground: aside });
      setAside(null);
    },
    forget: () => setAside(null),
  };
}
