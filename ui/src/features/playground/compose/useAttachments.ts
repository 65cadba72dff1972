import { useState } from "react";
import { toast } from "~/components/Toasts";
import { useParts, usePlayground } from "../context";
import { cannot } from "../state/capabilities";
import { type Target, targets } from "../state/compose";
import { imageProblem, readImage } from "../state/images";

interface Attachments {
  images: readonly string[];
  /** Why pictures are not taken, in a sentence. */
  reason: string | null;
  /** Somebody tried all the same. */
  wanted: boolean;
  /** Takes files that were chosen, pasted or dropped; the event goes no further where there are any. */
  take: (files: Iterable<File>, event?: { preventDefault: () => void }) => void;
  remove: (index: number) => void;
  clear: () => void;
}

/** The pictures of the message that is being written. */
export function useAttachments(target: Target): Attachments {
  const { models, store } = useParts();
  const [images, setImages] = useState<readonly string[]>([]);
  const [wanted, setWanted] = useState(false);
  const reason = usePlayground((state) => {
    const reasons = targets(state, target).map((chat) => cannot(models.get(chat.model) ?? null, "vision"));
    // With several chats, those that cannot see say so in their own column.
    return reasons.every((each) => each !== null) ? (reasons[0] ?? null) : null;
  });
  const read = async (files: readonly File[]) => {
    const there = targets(store.get(), target).flatMap((chat) =>
      chat.messages.flatMap((message) => message.images),
    );
    let attached = [...images];
    for (const file of files) {
      const problem = imageProblem(file, [...there, ...attached]);
      if (problem === null) attached = [...attached, await readImage(file)];
      else toast(problem, "bad");
    }
    setImages(attached);
  };
  return {
    images,
    reason,
    wanted,
    take: (given, event) => {
      const files = [...given];
      if (files.length === 0) return;
      event?.preventDefault();
      setWanted(true);
      if (reason === null) void read(files).catch(() => toast("The image could not be read.", "bad"));
      else toast(reason, "bad");
    },
    remove: (index) => setImages(images.filter((_, at) => at !== index)),
    clear: () => setImages([]),
  };
}
