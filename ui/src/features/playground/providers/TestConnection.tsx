import { useMutation } from "@tanstack/react-query";
import { Plug } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import type { Place } from "~/lib/place";
import { type ProviderForm, wantedOf } from "./form";
import { testProvider } from "./queries";

const MANY = 12;
const SHOWN = 100;

interface TestConnectionProps {
  place: Place;
  form: ProviderForm;
  canTest: boolean;
  /** A model of the list was picked. */
  onPick: (model: string) => void;
}

/** Asks the provider for its models, before anything is saved; each of them can be picked. */
export function TestConnection({ place, form, canTest, onPick }: TestConnectionProps) {
  const [filter, setFilter] = useState("");
  const headingId = useId();
  const test = useMutation({
    mutationFn: () => testProvider(place, form.name, { ...wantedOf({ ...form, models: "" }) }),
  });
  const models = test.data?.models ?? [];
  const found = models.filter((model) => model.toLowerCase().includes(filter.toLowerCase()));
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Button onClick={() => test.mutate()} busy={test.isPending} disabled={!canTest}>
          <Plug aria-hidden className="size-3.5" /> Test connection
        </Button>
        <span role="status" className="text-xs text-muted">
          {!canTest && "Write a name and a base URL first."}
          {test.data &&
            `It answered in ${Math.round(test.data.total_ms)} ms and lists ${models.length} ${models.length === 1 ? "model" : "models"}.`}
        </span>
      </div>
      {test.error !== null && <ErrorState error={test.error} />}
      {models.length > 0 && (
        <section
          aria-labelledby={headingId}
          className="flex flex-col gap-2 rounded-md border border-line p-2"
        >
          <div id={headingId} className="text-xs text-muted">
            Add a model of the list
          </div>
          {models.length > MANY && (
            <TextField
              label="Filter the models"
              hideLabel
              placeholder="Filter"
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
            />
          )}
          <ul className="flex max-h-40 flex-wrap gap-1 overflow-auto">
            {found.slice(0, SHOWN).map((model) => (
              <li key={model} className="min-w-0">
                <Button
                  small
                  onClick={() => onPick(model)}
                  className="max-w-full"
                  aria-label={`Add ${model}`}
                >
                  <span className="truncate">{model}</span>
                </Button>
              </li>
            ))}
          </ul>
          {found.length > SHOWN && (
            <p className="text-xs text-muted">Filter to see the other {found.length - SHOWN}.</p>
          )}
        </section>
      )}
    </div>
  );
}
