import { X } from "lucide-react";
import { IconButton } from "~/components/Button";
import { TextField } from "~/components/Field";
import type { Place } from "~/lib/place";
import type { Draft, Missing, ScorerDraft } from "../draft/types";
import { Notes } from "../Step";
import { JudgeForm } from "./JudgeForm";
import { KINDS, labelOf } from "./kinds";
import { PlainForm } from "./PlainForm";
import { TryScorer } from "./TryScorer";

interface ScorerCardProps {
  place: Place;
  scorer: ScorerDraft;
  draft: Draft;
  missing: Missing[];
  onChange: (changed: Partial<ScorerDraft>) => void;
  onRemove: () => void;
}

/** One scorer: its settings by its kind, and what it says of an answer. */
export function ScorerCard({ place, scorer, draft, missing, onChange, onRemove }: ScorerCardProps) {
  const does = KINDS.find((one) => one.kind === scorer.kind)?.does ?? "As it was published in this project.";
  return (
    <li
      aria-label={scorer.name}
      className="flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-raised p-3"
    >
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <div className="font-medium break-words">
            {scorer.kind === "saved" ? scorer.name : labelOf(scorer.kind)}
          </div>
          <div className="text-xs text-muted">{does}</div>
        </div>
        <IconButton label={`Remove ${scorer.name}`} onClick={onRemove}>
          <X aria-hidden className="size-4" />
        </IconButton>
      </div>
      {scorer.kind !== "saved" && (
        <TextField
          label="Name of the scorer"
          value={scorer.name}
          maxLength={128}
          onChange={(event) => onChange({ name: event.target.value })}
        />
      )}
      {scorer.kind === "judge" ? (
        <JudgeForm place={place} scorer={scorer} draft={draft} onChange={onChange} />
      ) : (
        <PlainForm scorer={scorer} draft={draft} onChange={onChange} />
      )}
      <Notes missing={missing} />
      {scorer.kind !== "saved" && <TryScorer scorer={scorer} draft={draft} />}
    </li>
  );
}
