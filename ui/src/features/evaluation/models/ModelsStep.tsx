import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { catalogQuery } from "~/api/catalog";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Menu, MenuItem, Submenu } from "~/components/Menu";
import { ProviderItems } from "~/components/ProviderItems";
import type { Place } from "~/lib/place";
import { newKey, newModel } from "../draft/make";
import type { Draft, Missing, ModelDraft } from "../draft/types";
import type { ChangeDraft } from "../draft/useDraft";
import { MAX_MODELS } from "../draft/wire";
import { type SavedModel, savedModelsQuery } from "../queries";
import { Step } from "../Step";
import { chatModels, factsOf, isUsable } from "./choices";
import { ModelCard } from "./ModelCard";

interface ModelsStepProps {
  place: Place;
  draft: Draft;
  change: ChangeDraft;
  missing: Missing[];
}

export function ModelsStep({ place, draft, change, missing }: ModelsStepProps) {
  const { models } = draft;
  const set = (next: ModelDraft[]) => change({ models: next });
  return (
    <Step
      step="models"
      number={2}
      title="Models"
      lead="Each is asked about every row, with its own instructions and settings; one evaluation run for each."
      missing={missing}
      actions={
        <AddModel
          place={place}
          disabled={models.length >= MAX_MODELS}
          onModel={(id) => set([...models, newModel(id, models)])}
          onSaved={(saved) => set([...models, savedDraft(saved)])}
        />
      }
    >
      {models.length > 0 && (
        <ul aria-label="Models to evaluate" className="grid items-start gap-3 xl:grid-cols-2">
          {models.map((model) => (
            <ModelCard
              key={model.key}
              model={model}
              missing={missing.filter((one) => one.key === model.key)}
              onChange={(changed) =>
                set(models.map((one) => (one.key === model.key ? { ...one, ...changed } : one)))
              }
              onRemove={() => set(models.filter((one) => one.key !== model.key))}
            />
          ))}
        </ul>
      )}
    </Step>
  );
}

function savedDraft(saved: SavedModel): ModelDraft {
  const { name, version_index: version, ref, llm_model_id: model } = saved;
  return {
    key: newKey(),
    model,
    saved: { ref, name, version },
    name,
    system: "",
    temperature: "",
    topP: "",
    maxTokens: "",
  };
}

interface AddModelProps {
  place: Place;
  disabled: boolean;
  onModel: (id: string) => void;
  onSaved: (saved: SavedModel) => void;
}

function AddModel({ place, disabled, onModel, onSaved }: AddModelProps) {
  const { data: catalog } = useQuery(catalogQuery);
  const { data: saved } = useQuery(savedModelsQuery(place));
  return (
    <Menu
      label="Models"
      button={
        <Button small disabled={disabled}>
          <Plus aria-hidden className="size-3.5" />
          Add model
        </Button>
      }
    >
      {chatModels(catalog?.models ?? []).map((model) => (
        <MenuItem key={model.id} disabled={!isUsable(model)} onSelect={() => onModel(model.id)}>
          <span className="min-w-0">
            <span className="block truncate">{model.label}</span>
            <span className="block text-2xs text-muted">{factsOf(model)}</span>
          </span>
        </MenuItem>
      ))}
      {catalog === undefined && <MenuItem disabled>Loading…</MenuItem>}
      <ProviderItems place={place} onChoose={onModel} />
      <Submenu label="Saved models">
        {(saved ?? []).map((one) => (
          <MenuItem key={one.object_id} onSelect={() => onSaved(one)}>
            <span className="min-w-0 flex-1 truncate" title={one.llm_model_id}>
              {one.name}
            </span>
            <Badge>{`v${one.version_index}`}</Badge>
          </MenuItem>
        ))}
        {(saved ?? []).length === 0 && (
          <MenuItem disabled>None yet: publish one in the Playground's chat settings</MenuItem>
        )}
      </Submenu>
    </Menu>
  );
}
