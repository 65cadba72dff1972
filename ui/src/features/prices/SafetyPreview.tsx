import { ShieldAlert, ShieldCheck } from "lucide-react";
import type { Schema } from "~/api/client";
import { asApiError } from "~/api/errors";
import { day } from "~/lib/format";
import { pricePerMillion } from "~/lib/money";
import { FIGURE_LABELS, step } from "./draft";

interface SafetyPreviewProps {
  check: Schema<"PriceCheck"> | undefined;
  error: unknown;
}

/** What the safety check says to the figures as they are typed. Its place is kept, so that nothing jumps. */
export function SafetyPreview({ check, error }: SafetyPreviewProps) {
  const refused = error ? asApiError(error) : null;
  return (
    <section
      aria-label="Safety check"
      aria-live="polite"
      className="min-h-36 rounded-lg border border-line bg-panel p-3"
    >
      {refused ? (
        <p className="text-bad">{refused.message}</p>
      ) : check ? (
        <>
          <div className={`flex items-center gap-2 font-medium ${check.passes ? "text-good" : "text-bad"}`}>
            {check.passes ? (
              <ShieldCheck aria-hidden className="size-4" />
            ) : (
              <ShieldAlert aria-hidden className="size-4" />
            )}
            {check.passes ? "The safety check has nothing against it" : "This looks like a slip"}
          </div>
          <ul className="mt-1 list-disc pl-6 text-bad">
            {check.doubts.map((doubt) => (
              <li key={doubt.what}>{doubt.what}</li>
            ))}
          </ul>
          <dl className="mt-2 grid grid-cols-[auto_auto_auto_1fr] gap-x-4 text-xs">
            {check.steps.map((one) => (
              <div key={one.figure} className="contents">
                <dt className="text-muted">{FIGURE_LABELS[one.figure] ?? one.figure}</dt>
                <dd className="text-right text-muted">
                  {one.before_nusd_per_mtok === null ? "—" : pricePerMillion(one.before_nusd_per_mtok)}
                </dd>
                <dd className="text-right font-medium">{pricePerMillion(one.after_nusd_per_mtok)}</dd>
                <dd className="text-muted">{step(one.before_nusd_per_mtok, one.after_nusd_per_mtok)}</dd>
              </div>
            ))}
          </dl>
          {check.until && (
            <p className="mt-2 text-xs text-muted">Another price follows on {day(new Date(check.until))}.</p>
          )}
        </>
      ) : (
        <p className="text-muted">
          Fill in the figures: they are checked as you type. Nothing is saved before you add the price.
        </p>
      )}
    </section>
  );
}
