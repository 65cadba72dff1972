import type { ObjectVersion } from "~/api/weave/objects";
import { refOf } from "~/api/weave/refs";
import { Section } from "~/components/Page";
import { ValueView } from "~/components/value/ValueView";
import type { Place } from "~/lib/place";
import { CodeOf } from "./CodeOf";
import { FieldsView } from "./FieldsView";
import { kindOf } from "./kinds";
import { PromptView } from "./PromptView";
import { RowsView } from "./RowsView";
import { opFile, plainFields, promptMessages } from "./values";

/** A version's value, as its kind is best read. */
export function VersionValue({ place, version }: { place: Place; version: ObjectVersion }) {
  const of = `${place.team}/${place.project}`;
  const { val } = version;
  const fields = plainFields(val);
  const table = refOf(fields?.rows);
  const file = opFile(val);
  if (file) return <CodeOf of={of} file={file} name={version.object_id} />;
  if (fields && table?.kind === "table")
    return (
      <>
        <Description fields={fields} />
        <RowsView of={of} table={table.name} label={version.object_id} />
      </>
    );
  const messages = kindOf(version) === "prompts" ? promptMessages(val) : null;
  if (messages && fields)
    return (
      <>
        <Description fields={fields} />
        <PromptView messages={messages} />
      </>
    );
  if (fields && version.leaf_object_class)
    return <FieldsView place={place} version={version} fields={fields} />;
  return (
    <Section title="Value">
      <ValueView label={`Value of ${version.object_id}`} value={val} />
    </Section>
  );
}

function Description({ fields }: { fields: Record<string, unknown> }) {
  if (typeof fields.description !== "string" || fields.description === "") return null;
  return <p className="max-w-prose">{fields.description}</p>;
}
