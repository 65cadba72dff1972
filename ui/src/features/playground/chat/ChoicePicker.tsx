import { ChevronLeft, ChevronRight } from "lucide-react";
import { IconButton } from "~/components/Button";
import { useParts } from "../context";
import type { Answer } from "../state/types";

interface ChoicePickerProps {
  chatId: string;
  messageId: string;
  answer: Answer;
}

/** Which of several trials counts: it is shown, and the conversation goes on from it. */
export function ChoicePicker({ chatId, messageId, answer }: ChoicePickerProps) {
  const { store } = useParts();
  const select = (selected: number) => store.dispatch({ type: "answer/select", chatId, messageId, selected });
  const { selected, choices } = answer;
  return (
    <fieldset aria-label="Trial" className="flex items-center gap-1 text-xs text-muted">
      <IconButton label="Previous trial" disabled={selected === 0} onClick={() => select(selected - 1)}>
        <ChevronLeft aria-hidden className="size-4" />
      </IconButton>
      <span aria-live="polite">
        Trial {selected + 1} of {choices.length}
      </span>
      <IconButton
        label="Next trial"
        disabled={selected === choices.length - 1}
        onClick={() => select(selected + 1)}
      >
        <ChevronRight aria-hidden className="size-4" />
      </IconButton>
    </fieldset>
  );
}
