import { useQuery } from "@tanstack/react-query";
import { catalogQuery } from "~/api/catalog";
import { providersQuery } from "~/api/providers";
import { Select, TextArea, TextField } from "~/components/Field";
import type { Place } from "~/lib/place";
import { PlaceButtons } from "../dataset/PlaceButtons";
import type { Draft, JudgeDraft, ScorerDraft } from "../draft/types";
import { judgePlaces } from "../draft/wire";
import { factsOf, judgeChoices, strangerFacts } from "../models/choices";
import { TargetSelect } from "./PlainForm";

const UNCHOSEN = "Judges are paid for like the models that they judge.";

interface JudgeFormProps {
  place: Place;
  scorer: ScorerDraft;
  draft: Draft;
  onChange: (changed: Partial<ScorerDraft>) => void;
}

/** A model that judges: which one, what it is sent, and what it answers. */
export function JudgeForm({ place, scorer, draft, onChange }: JudgeFormProps) {
  const { data: catalog } = useQuery(catalogQuery);
  const { data: providers } = useQuery(providersQuery(place));
  const { judge } = scorer;
  const update = (changed: Partial<JudgeDraft>) => onChange({ judge: { ...judge, ...changed } });
  const known = catalog?.models.find((model) => model.id === judge.model);
  const columns = draft.dataset?.sheet?.columns.map((column) => column.name) ?? [];
  return (
    <>
      <Select
        label="Model that judges"
        hint={known ? factsOf(known) : judge.model === "" ? UNCHOSEN : strangerFacts(judge.model)}
        value={judge.model}
        options={judgeChoices(catalog?.models ?? [], providers ?? [], judge.model)}
        onChange={(model) => update({ model })}
      />
      <TextArea
        label="What it is sent"
        rows={10}
        maxLength={100_000}
        value={judge.template}
        onChange={(event) => update({ template: event.target.value })}
      />
      <PlaceButtons
        names={judgePlaces(columns, scorer.target || draft.target)}
        onPick={(place) => update({ template: `${judge.template}${place}` })}
      />
      <div className="grid items-end gap-2 sm:grid-cols-2">
        <Select
          label="It answers with"
          value={judge.answer}
          options={[
            { value: "pass_fail", label: "Passed or not" },
            { value: "score", label: "A score from 0 to 1" },
          ]}
          onChange={(answer) => update({ answer: answer as JudgeDraft["answer"] })}
        />
        <TextField
          label="Max. tokens of a verdict"
          inputMode="numeric"
          placeholder="256"
          maxLength={7}
          value={judge.maxTokens}
          onChange={(event) => update({ maxTokens: event.target.value })}
        />
      </div>
      <TargetSelect scorer={scorer} draft={draft} onChange={onChange} />
      <TextArea
        label="System prompt of the judge"
        rows={2}
        maxLength={100_000}
        placeholder="None"
        value={judge.system}
        onChange={(event) => update({ system: event.target.value })}
      />
    </>
  );
}
