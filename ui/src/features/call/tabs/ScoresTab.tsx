import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { pathOfRef, type Ref } from "~/api/weave/refs";
import { Badge } from "~/components/Badge";
import { Ago } from "~/components/Figures";
import { EmptyState, Loaded } from "~/components/States";
import { ValueView } from "~/components/value/ValueView";
import { isScore, type Score, scoreOf } from "../feedback";
import { feedbackQuery } from "../queries";

/** What scorers and guardrails said of a call. */
export function ScoresTab({ of, id }: { of: string; id: string }) {
  const feedback = useQuery(feedbackQuery(of, id));
  return (
    <Loaded query={feedback}>
      {(found) => {
        const scores = found.filter(isScore).map(scoreOf);
        if (scores.length === 0)
          return (
            <EmptyState title="No scores yet">
              Scorers of evaluations and monitors, guardrails, and <code>call.apply_scorer(...)</code> leave
              their results here.
            </EmptyState>
          );
        return (
          <ul aria-label="Scores" className="flex flex-col gap-3">
            {scores.map((score) => (
              <ScoreView key={score.id} score={score} />
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}

function ScoreView({ score }: { score: Score }) {
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-lg border border-line p-3">
      <div className="flex flex-wrap items-center gap-2">
        <RefLink to={score.scorerRef} text={score.scorer} />
        {score.passed !== null && (
          <Badge tone={score.passed ? "good" : "bad"}>{score.passed ? "passed" : "failed"}</Badge>
        )}
        <span className="ml-auto flex items-center gap-3 text-xs text-muted">
          {score.callRef && <RefLink to={score.callRef} text="its call" />}
          <Ago at={score.at} />
        </span>
      </div>
      <ValueView label={`Result of ${score.scorer}`} value={score.output} />
    </li>
  );
}

function RefLink({ to, text }: { to: Ref | null; text: string }) {
  const path = to ? pathOfRef(to) : null;
  if (!path) return <span className="font-medium">{text}</span>;
  return (
    <Link to={path} className="font-medium text-accent hover:underline">
      {text}
    </Link>
  );
}
