import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { asApiError } from "~/api/errors";
import { answerIn, type Question } from "~/api/weave/annotations";
import { giveFeedback } from "~/api/weave/feedback";
import { type ItemState, type Queue, type QueueItem, setProgress } from "~/api/weave/queues";
import { callRef } from "~/api/weave/refs";
import { toast } from "~/components/Toasts";
import { withState } from "./items";
import { answersQuery, itemsQuery } from "./queries";
import type { Shown } from "./search";

interface WorkOptions {
  of: string;
  queue: Queue;
  shown: Shown;
  item: QueueItem;
  questions: Question[];
  /** It is judged or skipped. */
  onDone: () => void;
}

/** What somebody says of one item: typed here, sent when they are done with it. */
export function useWork({ of, queue, shown, item, questions, onDone }: WorkOptions) {
  const [typed, setTyped] = useState<Record<string, string>>({});
  const saved = useRef(new Set<string>());
  const isStarted = useRef(item.annotation_state !== "unstarted");
  const cache = useQueryClient();
  const values = questions.map((question) => ({
    question,
    text: typed[question.name] ?? "",
    value: answerIn(question.answer, typed[question.name] ?? ""),
  }));
  const tell = (state: ItemState) => {
    cache.setQueryData<InfiniteData<QueueItem[], number>>(
      itemsQuery(of, queue.id, shown).queryKey,
      (known) => known && { ...known, pages: withState(known.pages, item.id, state) },
    );
  };
  const start = useMutation({
    mutationFn: () => setProgress(of, queue.id, item.id, "in_progress"),
    onSuccess: () => tell("in_progress"),
  });
  const finish = useMutation({
    mutationFn: async (state: "completed" | "skipped") => {
      for (const { question, value } of state === "completed" ? values : []) {
        // What was sent before something failed is not sent again.
        if (value === undefined || saved.current.has(question.name)) continue;
        await giveFeedback(of, {
          weave_ref: callRef(of, item.call_id),
          feedback_type: `wandb.annotation.${question.name}`,
          payload: { value },
          annotation_ref: question.ref,
          queue_id: queue.id,
        });
        saved.current.add(question.name);
      }
      await setProgress(of, queue.id, item.id, state);
      return state;
    },
    onSuccess: (state) => {
      tell(state);
      void cache.invalidateQueries({ queryKey: ["queues", of, "stats"] });
      void cache.invalidateQueries({ queryKey: answersQuery(of, item.call_id).queryKey });
      onDone();
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  return {
    values,
    /** Something is there to be sent, and nothing that is no answer. */
    isReady:
      values.some(({ value }) => value !== undefined) &&
      values.every(({ text, value }) => text === "" || value !== undefined),
    isBusy: finish.isPending,
    type: (name: string, text: string) => {
      saved.current.delete(name);
      setTyped((all) => ({ ...all, [name]: text }));
      if (isStarted.current) return;
      isStarted.current = true;
      start.mutate();
    },
    finish: (state: "completed" | "skipped") => {
      if (!finish.isPending) finish.mutate(state);
    },
  };
}

export type WorkInHand = ReturnType<typeof useWork>;
