import { useQuery } from "@tanstack/react-query";
import { providersQuery } from "~/api/providers";
import { MenuItem, Submenu } from "~/components/Menu";
import type { Place } from "~/lib/place";

interface ProviderItemsProps {
  place: Place;
  /** The model's id, as a request names it. */
  onChoose: (modelId: string) => void;
}

/** The custom providers of the project, each a submenu with its models. */
export function ProviderItems({ place, onChoose }: ProviderItemsProps) {
  const { data } = useQuery(providersQuery(place));
  return (data ?? []).map((provider) => (
    <Submenu key={provider.name} label={provider.name}>
      {provider.models.map((model) => (
        <MenuItem key={model.id} onSelect={() => onChoose(model.id)}>
          <span className="min-w-0 flex-1 truncate">{model.name}</span>
        </MenuItem>
      ))}
      {provider.models.length === 0 && <MenuItem disabled>It has no model yet</MenuItem>}
    </Submenu>
  ));
}
