import { Select, TextArea } from "~/components/Field";
import { Segmented } from "~/components/Tabs";
import type { Sheet } from "~/lib/rows/types";
import { canBeNamed, questionOf } from "../draft/templates";
import type { Draft } from "../draft/types";
import type { ChangeDraft } from "../draft/useDraft";
import { PlaceButtons } from "./PlaceButtons";

interface RolesFieldsProps {
  draft: Draft;
  sheet: Sheet;
  change: ChangeDraft;
}

/** What the models are asked about a row, and which column has what is expected. */
export function RolesFields({ draft, sheet, change }: RolesFieldsProps) {
  const { input, target } = draft;
  const names = sheet.columns.map((column) => column.name);
  const options = names.map((name) => ({ value: name, label: name }));
  const update = (changed: Partial<Draft["input"]>) =>
    change((now) => ({ input: { ...now.input, ...changed } }));
  const [first] = sheet.rows;
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-2">
        <Segmented
          label="The models are asked with"
          value={input.by}
          options={[
            { value: "field", label: "Ask with a column" },
            { value: "template", label: "Ask with a template" },
          ]}
          onChange={(by) =>
            update({
              by,
              ...(by === "template" && input.template === "" && { template: `{{${input.field}}}` }),
            })
          }
        />
        {input.by === "field" ? (
          <Select
            label="Input"
            value={names.includes(input.field) ? input.field : ""}
            options={[{ value: "", label: "Choose a column", disabled: true }, ...options]}
            onChange={(field) => update({ field })}
          />
        ) : (
          <>
            <TextArea
              label="Template"
              rows={4}
              maxLength={100_000}
              value={input.template}
              onChange={(event) => update({ template: event.target.value })}
            />
            <PlaceButtons
              names={names.filter(canBeNamed)}
              onPick={(place) => update({ template: `${input.template}${place}` })}
            />
          </>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-2">
        <Select
          label="Expected"
          hint="The column that answers are compared with."
          value={names.includes(target) ? target : ""}
          options={[{ value: "", label: "None" }, ...options]}
          onChange={(chosen) => change({ target: chosen })}
        />
        {first && (
          <div>
            <div className="text-xs text-muted">What is asked about row 1</div>
            <div className="mt-1 line-clamp-4 rounded-md border border-line bg-bg px-2 py-1.5 break-words whitespace-pre-wrap">
              {questionOf(input, first) || "(nothing)"}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}
