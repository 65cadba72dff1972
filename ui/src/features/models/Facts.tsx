import { CircleCheck, CircleHelp, CircleX } from "lucide-react";
import type { CatalogModel } from "~/api/catalog";
import { Badge } from "~/components/Badge";
import { relative } from "~/lib/format";
import { type Feature, featureName, featureState } from "./describe";
import type { Status } from "./status";

const TINTS = ["bg-series-1", "bg-series-3", "bg-series-4", "bg-series-6", "bg-series-7", "bg-series-8"];

/** A letter in a colour for a provider: their logos are theirs. */
export function ProviderMark({ provider }: { provider: string }) {
  const sum = [...provider].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return (
    <span
      aria-hidden
      className={`relative inline-flex size-8 shrink-0 items-center justify-center overflow-hidden rounded-md border border-line bg-panel text-sm font-semibold`}
    >
      <span className={`absolute inset-x-0 bottom-0 h-1 ${TINTS[sum % TINTS.length]}`} />
      {provider.slice(0, 1).toUpperCase()}
    </span>
  );
}

export function StatusBadge({ status }: { status: Status }) {
  return (
    <Badge tone={status.tone} title={status.detail}>
      {status.label}
    </Badge>
  );
}

export function Modalities({ model }: { model: CatalogModel }) {
  return (
    <>
      {model.modalities.map((modality) => (
        <Badge key={modality}>{modality}</Badge>
      ))}
    </>
  );
}

/** When a probe last looked, in a few words. */
export function probed(badge: Feature): string {
  return badge.checkedAt ? `probed ${relative(new Date(badge.checkedAt), new Date())}` : "not probed yet";
}

/** A capability: found by a probe, found broken, or only claimed by the card. */
export function FeatureBadge({ badge }: { badge: Feature }) {
  const broken = badge.state === "broken";
  const works = badge.state === "works" || badge.state === "also-works";
  const Icon = broken ? CircleX : works ? CircleCheck : CircleHelp;
  return (
    <Badge
      tone={broken ? "bad" : works ? "good" : "plain"}
      title={`${featureState(badge)}, ${probed(badge)}${badge.detail ? `: ${badge.detail}` : ""}`}
    >
      <Icon aria-hidden className="size-3" />
      {featureName(badge.feature)}
      {broken && <span className="sr-only"> is broken</span>}
    </Badge>
  );
}
