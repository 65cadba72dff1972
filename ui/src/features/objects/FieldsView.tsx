import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ObjectVersion } from "~/api/weave/objects";
import { refOf } from "~/api/weave/refs";
import { Section } from "~/components/Page";
import { ValueView } from "~/components/value/ValueView";
import type { Place } from "~/lib/place";
import { CodeOfOp } from "./CodeOf";
import { RefLink } from "./VersionLink";
import { type Fields, split } from "./values";

interface FieldsViewProps {
  place: Place;
  version: ObjectVersion;
  fields: Fields;
}

/** An object of a class: its fields, then the code of its ops. */
export function FieldsView({ place, version, fields }: FieldsViewProps) {
  const of = `${place.team}/${place.project}`;
  const { own, ops } = split(fields);
  return (
    <>
      <Section
        title="Fields"
        actions={
          version.base_object_class === "Evaluation" && (
            <Link
              to={`/${of}/weave/evaluations` as never}
              search={{ evaluation: version.object_id } as never}
              className="text-accent hover:underline"
            >
              Its runs
            </Link>
          )
        }
      >
        <dl className="grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] overflow-hidden rounded-lg border border-line">
          {own.map(([name, value]) => (
            <div
              key={name}
              className="col-span-2 grid grid-cols-subgrid border-b border-line last:border-b-0"
            >
              <dt className="bg-panel px-3 py-1.5 font-mono text-xs leading-5 break-all text-muted">
                {name}
              </dt>
              <dd className="min-w-0 px-3 py-1.5">
                <FieldValue name={name} value={value} />
              </dd>
            </div>
          ))}
        </dl>
      </Section>
      {ops.length > 0 && (
        <Section title="Code">
          {ops.map(([name, value]) => {
            const ref = refOf(value);
            return (
              <details key={name} open={ops.length === 1} className="rounded-lg border border-line">
                <summary className="px-3 py-2 font-mono text-xs">{name}</summary>
                <div className="flex flex-col gap-2 p-2">
                  <RefLink value={value} />
                  {ref && <CodeOfOp of={of} name={ref.name} digest={ref.digest} />}
                </div>
              </details>
            );
          })}
        </Section>
      )}
    </>
  );
}

function FieldValue({ name, value }: { name: string; value: unknown }): ReactNode {
  if (value === null || value === undefined) return <span className="text-muted">none</span>;
  if (refOf(value)) return <RefLink value={value} />;
  if (Array.isArray(value) && value.length > 0 && value.every((one) => refOf(one)))
    return (
      <span className="flex flex-wrap gap-x-3">
        {value.map((one) => (
          <RefLink key={String(one)} value={one} />
        ))}
      </span>
    );
  if (typeof value === "number" || typeof value === "boolean") return <code>{String(value)}</code>;
  if (typeof value === "string" && value.length < 200 && !value.includes("\n"))
    return (
      <span className="break-words">{value === "" ? <span className="text-muted">empty</span> : value}</span>
    );
  return <ValueView label={name} value={value} />;
}
