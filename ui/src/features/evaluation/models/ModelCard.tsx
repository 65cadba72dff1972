import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { catalogQuery } from "~/api/catalog";
import { Badge } from "~/components/Badge";
import { IconButton } from "~/components/Button";
import { TextArea, TextField } from "~/components/Field";
import { parseCustomModelId } from "~/lib/customModels";
import { shownName } from "../draft/make";
import type { Missing, ModelDraft } from "../draft/types";
import { Notes } from "../Step";
import { factsOf, strangerFacts } from "./choices";

interface ModelCardProps {
  model: ModelDraft;
  missing: Missing[];
  onChange: (changed: Partial<ModelDraft>) => void;
  onRemove: () => void;
}

/** One model with its instructions and settings. */
export function ModelCard({ model, missing, onChange, onRemove }: ModelCardProps) {
  const { data: catalog } = useQuery(catalogQuery);
  const known = catalog?.models.find((one) => one.id === model.model);
  return (
    <li
      aria-label={shownName(model)}
      className="flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-raised p-3"
    >
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-2 font-medium break-words">
            {known?.label ?? parseCustomModelId(model.model)?.model ?? model.model}
            {model.saved && <Badge tone="accent">{`${model.saved.name} v${model.saved.version}`}</Badge>}
          </div>
          <div className="text-xs break-words text-muted">
            {known ? factsOf(known) : strangerFacts(model.model)}
          </div>
        </div>
        <IconButton label={`Remove ${shownName(model)}`} onClick={onRemove}>
          <X aria-hidden className="size-4" />
        </IconButton>
      </div>
      {model.saved ? (
        <p className="text-xs text-muted">With the prompt and the settings that it was saved with.</p>
      ) : (
        <Settings model={model} onChange={onChange} />
      )}
      <Notes missing={missing} />
    </li>
  );
}

function Settings({ model, onChange }: Pick<ModelCardProps, "model" | "onChange">) {
  const figure = (field: "temperature" | "topP" | "maxTokens", label: string) => (
    <TextField
      label={label}
      inputMode="decimal"
      placeholder="default"
      maxLength={12}
      value={model[field]}
      onChange={(event) => onChange({ [field]: event.target.value })}
    />
  );
  return (
    <>
      <TextField
        label="Name in the results"
        value={model.name}
        maxLength={128}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <TextArea
        label="System prompt"
        rows={2}
        maxLength={100_000}
        placeholder="None"
        value={model.system}
        onChange={(event) => onChange({ system: event.target.value })}
      />
      <div className="grid grid-cols-3 items-end gap-2">
        {figure("temperature", "Temperature")}
        {figure("topP", "Top P")}
        {figure("maxTokens", "Max. tokens")}
      </div>
    </>
  );
}
