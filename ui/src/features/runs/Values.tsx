import { Section } from "~/components/Page";
import { lineOf } from "~/components/value/text";
import { ValueView } from "~/components/value/ValueView";

interface ValuesProps {
  title: string;
  values: Record<string, unknown>;
  /** What stands there if there are none. */
  empty: string;
}

/** Names and values, one a line; what is nested folds. */
export function Values({ title, values, empty }: ValuesProps) {
  const all = Object.entries(values);
  return (
    <Section title={title}>
      {all.length === 0 ? (
        <p className="text-muted">{empty}</p>
      ) : (
        <dl className="overflow-hidden rounded-lg border border-line">
          {all.map(([name, value]) => (
            <div
              key={name}
              className="grid grid-cols-[minmax(6rem,2fr)_minmax(0,3fr)] gap-x-4 border-line px-3 py-1.5 not-first:border-t"
            >
              <dt className="font-mono text-xs leading-5 break-words text-muted">{name}</dt>
              <dd className="min-w-0 break-words">
                {typeof value === "object" && value !== null ? (
                  <ValueView label={name} value={value} />
                ) : (
                  lineOf(value)
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  );
}
