import { useRef } from "react";
import { Button } from "~/components/Button";
import { Select, TextField } from "~/components/Field";
import { Card, Section } from "~/components/Page";
import type { MonitorForm } from "./form";
import type { Rule } from "./queries";
import { MEASURES, newRule, type RuleForm } from "./ruleForm";

interface RulesEditorProps {
  form: MonitorForm;
  onChange: (rules: RuleForm[]) => void;
  problem: string | undefined;
}

/** When somebody is told: rules on figures of the last minutes. */
export function RulesEditor({ form, onChange, problem }: RulesEditorProps) {
  const next = useRef(0);
  const { rules } = form;
  const add = () => {
    next.current += 1;
    const judge = form.scorers[0];
    const figure = judge ? (judge.kind === "judge" ? `${judge.name}.flagged` : judge.name) : "";
    onChange([...rules, newRule(`new-${next.current}`, figure)]);
  };
  return (
    <Section
      title="Alerts"
      lead="The team's admins are told by e-mail, and the server's webhook gets a post."
      actions={<Button onClick={add}>Add a rule</Button>}
    >
      {rules.map((rule, index) => (
        <RuleCard
          key={rule.key}
          title={`Rule ${index + 1}`}
          rule={rule}
          onChange={(changed) => onChange(rules.map((one) => (one.key === rule.key ? changed : one)))}
          onRemove={() => onChange(rules.filter((one) => one.key !== rule.key))}
        />
      ))}
      {problem && (
        <p role="alert" className="text-xs text-bad">
          {problem}
        </p>
      )}
    </Section>
  );
}

interface RuleCardProps {
  title: string;
  rule: RuleForm;
  onChange: (rule: RuleForm) => void;
  onRemove: () => void;
}

function RuleCard({ title, rule, onChange, onRemove }: RuleCardProps) {
  const set = (changed: Partial<RuleForm>) => onChange({ ...rule, ...changed });
  const isErrors = rule.measure === "errors";
  return (
    <Card>
      <fieldset aria-label={title} className="flex min-w-0 flex-col gap-3">
        <div className="flex items-center justify-between gap-2">
          <span className="font-medium">{title}</span>
          <Button small kind="quiet" aria-label={`Remove ${title}`} onClick={onRemove}>
            Remove
          </Button>
        </div>
        <div className="grid gap-3 sm:grid-cols-2 md:grid-cols-4">
          <Select
            label="What"
            value={rule.measure}
            options={MEASURES}
            onChange={(measure) => set({ measure: measure as Rule["measure"] })}
          />
          {!isErrors && (
            <TextField
              label="Figure"
              hint="Scorer.field, as in the chart"
              value={rule.figure}
              onChange={(event) => set({ figure: event.target.value })}
            />
          )}
          <Select
            label="Is"
            value={rule.side}
            options={[
              { value: "above", label: "above" },
              { value: "below", label: "below" },
            ]}
            onChange={(side) => set({ side: side === "below" ? "below" : "above" })}
          />
          <TextField
            label={rule.measure === "share" ? "Threshold, in percent" : "Threshold"}
            inputMode="decimal"
            value={rule.threshold}
            onChange={(event) => set({ threshold: event.target.value })}
          />
          <TextField
            label="Over how many minutes"
            inputMode="numeric"
            value={rule.window}
            onChange={(event) => set({ window: event.target.value })}
          />
          <TextField
            label="From how many results on"
            inputMode="numeric"
            value={rule.least}
            onChange={(event) => set({ least: event.target.value })}
          />
          <TextField
            label="Not again for, in minutes"
            inputMode="numeric"
            value={rule.every}
            onChange={(event) => set({ every: event.target.value })}
          />
        </div>
      </fieldset>
    </Card>
  );
}
