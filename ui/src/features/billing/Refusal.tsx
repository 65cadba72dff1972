import { CircleCheck, CircleX } from "lucide-react";
import type { Schema } from "~/api/client";
import { Ago } from "~/components/Figures";
import { Card, Section } from "~/components/Page";
import { refusalFacts } from "./refusal";

/** Why a request was not answered: which limit, how far it was used, and whether it would pass now. */
export function Refusal({ why }: { why: Schema<"WhyAnswer"> }) {
  const facts = refusalFacts(why);
  return (
    <Section title={facts.title}>
      <Card className="flex flex-col gap-3">
        <p className="font-medium">{why.answer}</p>
        {facts.rows.length > 0 && (
          <dl className="grid gap-x-4 gap-y-1.5 sm:grid-cols-[10rem_minmax(0,1fr)]">
            {facts.rows.map((row) => (
              <div key={`${row.name} ${row.value}`} className="contents">
                <dt className="text-muted">{row.name}</dt>
                <dd className="mb-1 break-words sm:mb-0">{row.at ? <Ago at={row.at} /> : row.value}</dd>
              </div>
            ))}
          </dl>
        )}
        {facts.wouldPass !== null && (
          <p className={`flex items-center gap-1.5 ${facts.wouldPass ? "text-good" : "text-bad"}`}>
            {facts.wouldPass ? (
              <CircleCheck aria-hidden className="size-4" />
            ) : (
              <CircleX aria-hidden className="size-4" />
            )}
            The same request would {facts.wouldPass ? "pass" : "be refused"} now.
          </p>
        )}
        {facts.remedy && (
          <p>
            <span className="font-medium">What to do: </span>
            {facts.remedy}
          </p>
        )}
        {why.message && <p className="text-xs break-words text-muted">{why.message}</p>}
      </Card>
    </Section>
  );
}
