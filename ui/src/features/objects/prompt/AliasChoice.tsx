import { useQuery } from "@tanstack/react-query";
import { Checkbox } from "~/components/Field";
import { aliasesOf } from "../list";
import { versionsQuery } from "../queries";

interface AliasChoiceProps {
  of: string;
  /** The prompt that is edited; null for a new one. */
  name: string | null;
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

const USUAL = "production";

/** Aliases that the new version takes over, so that programs which read them have it at once. */
export function AliasChoice({ of, name, chosen, onChange }: AliasChoiceProps) {
  const versions = useQuery({ ...versionsQuery(of, name ?? ""), enabled: name !== null });
  const owners = new Map(
    (versions.data ?? []).flatMap((one) =>
      aliasesOf(one).map((alias): [string, number] => [alias, one.version_index]),
    ),
  );
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 font-medium">Aliases of the new version</legend>
      {[...new Set([USUAL, ...owners.keys()])].map((alias) => (
        <Checkbox
          key={alias}
          label={`@${alias}`}
          hint={owners.has(alias) ? `Now v${owners.get(alias)}: it moves.` : undefined}
          checked={chosen.includes(alias)}
          onChange={(on) => onChange(on ? [...chosen, alias] : chosen.filter((one) => one !== alias))}
        />
      ))}
    </fieldset>
  );
}
