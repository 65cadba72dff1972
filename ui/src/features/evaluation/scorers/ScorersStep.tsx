import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { objectRef } from "~/api/weave/refs";
import { Button } from "~/components/Button";
import { Menu, MenuItem, Submenu } from "~/components/Menu";
import type { Place } from "~/lib/place";
import { newScorer } from "../draft/make";
import type { Draft, Missing, ScorerDraft } from "../draft/types";
import type { ChangeDraft } from "../draft/useDraft";
import { MAX_SCORERS } from "../draft/wire";
import { scorersQuery } from "../queries";
import { Step } from "../Step";
import { KINDS } from "./kinds";
import { ScorerCard } from "./ScorerCard";

interface ScorersStepProps {
  place: Place;
  draft: Draft;
  change: ChangeDraft;
  missing: Missing[];
}

export function ScorersStep({ place, draft, change, missing }: ScorersStepProps) {
  const { scorers } = draft;
  const set = (next: ScorerDraft[]) => change({ scorers: next });
  return (
    <Step
      step="scorers"
      number={3}
      title="Scorers"
      lead="Each says of every answer how good it is. Try them here on the first row, without asking any model."
      missing={missing}
      actions={
        <AddScorer
          place={place}
          disabled={scorers.length >= MAX_SCORERS}
          onKind={(kind) => set([...scorers, newScorer(kind, scorers)])}
          onPublished={(name, ref) => set([...scorers, { ...newScorer("saved", scorers), name, ref }])}
        />
      }
    >
      {scorers.length > 0 && (
        <ul aria-label="Scorers of the answers" className="grid items-start gap-3 xl:grid-cols-2">
          {scorers.map((scorer) => (
            <ScorerCard
              key={scorer.key}
              place={place}
              scorer={scorer}
              draft={draft}
              missing={missing.filter((one) => one.key === scorer.key)}
              onChange={(changed) =>
                set(scorers.map((one) => (one.key === scorer.key ? { ...one, ...changed } : one)))
              }
              onRemove={() => set(scorers.filter((one) => one.key !== scorer.key))}
            />
          ))}
        </ul>
      )}
    </Step>
  );
}

interface AddScorerProps {
  place: Place;
  disabled: boolean;
  onKind: (kind: ScorerDraft["kind"]) => void;
  onPublished: (name: string, ref: string) => void;
}

function AddScorer({ place, disabled, onKind, onPublished }: AddScorerProps) {
  const { data: published } = useQuery(scorersQuery(place));
  return (
    <Menu
      label="Scorers"
      button={
        <Button small disabled={disabled}>
          <Plus aria-hidden className="size-3.5" />
          Add scorer
        </Button>
      }
    >
      {KINDS.map(({ kind, label, does }) => (
        <MenuItem key={kind} onSelect={() => onKind(kind)}>
          <span className="max-w-72 min-w-0">
            <span className="block">{label}</span>
            <span className="block text-2xs text-muted">{does}</span>
          </span>
        </MenuItem>
      ))}
      <Submenu label="Published scorers">
        {(published ?? []).map((one) => (
          <MenuItem
            key={one.object_id}
            onSelect={() =>
              onPublished(
                one.object_id,
                objectRef(`${place.team}/${place.project}`, one.object_id, one.digest),
              )
            }
          >
            <span className="min-w-0 truncate">{one.object_id}</span>
            <span className="text-2xs text-muted">{one.leaf_object_class}</span>
          </MenuItem>
        ))}
        {(published ?? []).length === 0 && <MenuItem disabled>None in this project yet</MenuItem>}
      </Submenu>
    </Menu>
  );
}
