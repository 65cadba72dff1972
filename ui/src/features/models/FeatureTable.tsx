import { CircleCheck, CircleHelp, CircleX } from "lucide-react";
import type { CatalogModel } from "~/api/catalog";
import { Ago } from "~/components/Figures";
import { EmptyState } from "~/components/States";
import { type Feature, featureName, featureState, features } from "./describe";

/** What works, as the last probe found it. */
export function FeatureTable({ model }: { model: CatalogModel }) {
  const all = features(model);
  if (all.length === 0)
    return <EmptyState title="Nothing claimed">Its card names no feature, and no probe was made.</EmptyState>;
  return (
    <ul className="divide-y divide-line rounded-lg border border-line">
      {all.map((badge) => (
        <li key={badge.feature} className="flex items-start gap-2 px-3 py-1.5">
          <Mark badge={badge} />
          <div className="min-w-0 flex-1">
            <span className="font-medium">{featureName(badge.feature)}</span>
            {badge.detail && <div className="text-xs break-words text-muted">{badge.detail}</div>}
          </div>
          <div className="text-right text-xs text-muted">
            <div>{featureState(badge)}</div>
            {badge.checkedAt && <Ago at={badge.checkedAt} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Mark({ badge }: { badge: Feature }) {
  const style = "mt-0.5 size-4 shrink-0";
  if (badge.state === "works" || badge.state === "also-works")
    return <CircleCheck aria-hidden className={`${style} text-good`} />;
  if (badge.state === "broken") return <CircleX aria-hidden className={`${style} text-bad`} />;
  return <CircleHelp aria-hidden className={`${style} text-muted`} />;
}
