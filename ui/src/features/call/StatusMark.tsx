import { CircleCheck, CircleX, LoaderCircle, TriangleAlert } from "lucide-react";

const MARKS = {
  success: { icon: CircleCheck, tone: "text-good", word: "done" },
  error: { icon: CircleX, tone: "text-bad", word: "failed" },
  running: { icon: LoaderCircle, tone: "text-accent", word: "running" },
  descendant_error: { icon: TriangleAlert, tone: "text-warn", word: "done, but a call inside it failed" },
};

/** What became of a call, as a sign with its word. */
export function StatusMark({ status }: { status: string }) {
  const { icon: Icon, tone, word } = MARKS[status as keyof typeof MARKS] ?? MARKS.running;
  return (
    <span title={word} className={`shrink-0 ${tone}`}>
      <Icon aria-hidden className="size-3.5" />
      <span className="sr-only">{word}</span>
    </span>
  );
}
