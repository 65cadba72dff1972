import { parseCustomModelId } from "~/lib/customModels";

interface CostUnknownProps {
  /** Ids of models and judges. */
  models: readonly string[];
}

/** Says which of the models are asked of a provider of one's own, whose prices nobody here knows. */
export function CostUnknown({ models }: CostUnknownProps) {
  const names = [...new Set(models.flatMap((id) => parseCustomModelId(id)?.model ?? []))];
  if (names.length === 0) return null;
  return (
    <p role="note" className="rounded-md bg-warn-soft px-3 py-2">
      Cost unknown: {names.join(", ")} {names.length === 1 ? "is" : "are"} asked of a custom provider, which
      charges its own prices. Figures and budget here count nothing for that.
    </p>
  );
}
