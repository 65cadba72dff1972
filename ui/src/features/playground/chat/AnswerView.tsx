import { LoaderCircle } from "lucide-react";
import { Markdown } from "~/components/Markdown";
import type { Answer, Choice, Message } from "../state/types";
import { AnswerFooter } from "./AnswerFooter";
import { ChoicePicker } from "./ChoicePicker";
import { FailureView } from "./FailureView";
import { ToolCalls } from "./ToolCalls";

interface AnswerViewProps {
  chatId: string;
  message: Message;
  answer: Answer;
}

/** What a model answered: its thoughts folded, its text, the calls that it wants, and what became of the request. */
export function AnswerView({ chatId, message, answer }: AnswerViewProps) {
  const choice = answer.choices[answer.selected];
  const isLive = answer.status === "waiting" || answer.status === "streaming";
  return (
    <div className="flex flex-col gap-2" aria-busy={isLive || undefined}>
      {answer.choices.length > 1 && <ChoicePicker chatId={chatId} messageId={message.id} answer={answer} />}
      {choice !== undefined && <ChoiceView choice={choice} isLive={isLive} />}
      {answer.status === "waiting" && <Waiting note={answer.note} />}
      {answer.failure !== null && <FailureView failure={answer.failure} answer={answer} />}
      <AnswerFooter answer={answer} />
    </div>
  );
}

function ChoiceView({ choice, isLive }: { choice: Choice; isLive: boolean }) {
  const isThinking = isLive && choice.content === "" && choice.toolCalls.length === 0;
  return (
    <>
      {choice.reasoning !== "" && (
        <details className="rounded-md border border-line bg-panel text-muted">
          <summary className="px-2 py-1 text-xs font-medium">
            {isThinking ? "Thinking…" : "Reasoning"}
          </summary>
          <div className="max-h-72 overflow-auto border-t border-line px-2 py-1.5 text-xs break-words whitespace-pre-wrap">
            {choice.reasoning}
          </div>
        </details>
      )}
      {choice.content !== "" && (
        <div className="text-sm">
          <Markdown text={choice.content} live={isLive} />
        </div>
      )}
      <ToolCalls calls={choice.toolCalls} />
    </>
  );
}

/** Nothing has come yet; after a while the server says why. */
function Waiting({ note }: { note: string | null }) {
  return (
    <div role="status" className="flex items-center gap-2 text-xs text-muted">
      <LoaderCircle aria-hidden className="size-3.5 animate-spin" />
      {note ?? "Waiting for the first word…"}
    </div>
  );
}
