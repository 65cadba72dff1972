import { useRef } from "react";
import { Select } from "~/components/Field";
import { Section } from "~/components/Page";
import { ScorerCard } from "./ScorerCard";
import { newScorer, PLAIN_KINDS, type ScorerForm, type ScorerKind, signalScorer } from "./scorerForm";
import { SIGNALS } from "./signals";

interface ScorersEditorProps {
  scorers: ScorerForm[];
  judges: string[];
  onChange: (scorers: ScorerForm[]) => void;
  problem: string | undefined;
}

/** The scorers of a monitor: added from templates and kinds, each with its own fields. */
export function ScorersEditor({ scorers, judges, onChange, problem }: ScorersEditorProps) {
  const next = useRef(0);
  const add = (choice: string) => {
    next.current += 1;
    const key = `new-${next.current}`;
    const judge = scorers.find((one) => one.model)?.model ?? judges[0] ?? "";
    const signal = SIGNALS.find((one) => `signal:${one.name}` === choice);
    const made = signal
      ? signalScorer(key, signal, judge)
      : newScorer(key, choice as ScorerKind, choice === "judge" ? { model: judge } : {});
    onChange([...scorers, made]);
  };
  return (
    <Section title="Scorers" lead="Settings alone: code is never run here.">
      {scorers.map((scorer) => (
        <ScorerCard
          key={scorer.key}
          scorer={scorer}
          judges={judges}
          onChange={(changed) => onChange(scorers.map((one) => (one.key === scorer.key ? changed : one)))}
          onRemove={() => onChange(scorers.filter((one) => one.key !== scorer.key))}
        />
      ))}
      <Select
        label="Add a scorer"
        value=""
        onChange={(choice) => choice && add(choice)}
        error={problem}
        options={[
          { value: "", label: "Choose one …" },
          ...SIGNALS.map((one) => ({ value: `signal:${one.name}`, label: `${one.name}: ${one.about}` })),
          { value: "judge", label: "A judge with a prompt of your own" },
          ...PLAIN_KINDS.map((one) => ({ value: one.kind, label: `${one.label} (asks no model)` })),
        ]}
      />
    </Section>
  );
}
