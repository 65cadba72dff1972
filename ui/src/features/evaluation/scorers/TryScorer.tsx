import { useDeferredValue, useState } from "react";
import { Badge } from "~/components/Badge";
import { TextArea } from "~/components/Field";
import { fill, questionOf, textOf } from "../draft/templates";
import type { Draft, ScorerDraft } from "../draft/types";
import { tryOut, type Verdict } from "./tryOut";

/** What a scorer says of an answer to the first row; of a judge, what it would be sent. Nothing is asked or paid. */
export function TryScorer({ scorer, draft }: { scorer: ScorerDraft; draft: Draft }) {
  const [first] = draft.dataset?.sheet?.rows ?? [];
  const target = first?.[scorer.target || draft.target];
  const [typed, setTyped] = useState<string | null>(null);
  const answer = typed ?? textOf(target);
  const tried = useDeferredValue(answer);
  if (!first) return null;
  return (
    <details className="rounded-md border border-line px-2.5 py-1.5">
      <summary className="text-xs font-medium">Try on row 1</summary>
      <div className="mt-2 flex flex-col gap-2 pb-1">
        <TextArea
          label="An answer"
          rows={2}
          maxLength={20_000}
          value={answer}
          onChange={(event) => setTyped(event.target.value)}
        />
        {scorer.kind === "judge" ? (
          <div>
            <div className="text-xs text-muted">The judge is sent this, and how to answer:</div>
            <pre className="mt-1 max-h-48 overflow-auto rounded bg-panel p-2 text-xs break-words whitespace-pre-wrap">
              {fill(scorer.judge.template, {
                ...first,
                input: questionOf(draft.input, first),
                output: tried,
                target: textOf(target),
              })}
            </pre>
          </div>
        ) : (
          <Told verdict={tryOut(scorer, tried, target)} />
        )}
      </div>
    </details>
  );
}

function Told({ verdict }: { verdict: Verdict }) {
  const { passed, why } = verdict;
  return (
    <div role="status" className="flex flex-wrap items-center gap-2 text-xs">
      <Badge tone={passed === null ? "plain" : passed ? "good" : "bad"}>
        {passed === null ? "not told here" : passed ? "true" : "false"}
      </Badge>
      <span className="text-muted">{why}</span>
    </div>
  );
}
