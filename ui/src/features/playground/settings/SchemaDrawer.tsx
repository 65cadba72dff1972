import { useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Checkbox, TextField } from "~/components/Field";
import { JsonEditor } from "~/components/JsonEditor";
import { nameProblem, parseSchema } from "../state/schemas";
import type { ResponseFormat } from "../state/types";

const EXAMPLE = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false,
};

interface SchemaDrawerProps {
  format: ResponseFormat;
  onClose: () => void;
  onSave: (format: ResponseFormat) => void;
}

/** Writes the JSON schema that answers must keep to; saves only what is one. */
export function SchemaDrawer({ format, onClose, onSave }: SchemaDrawerProps) {
  const before = format.type === "json_schema" ? format : { name: "answer", schema: EXAMPLE, strict: true };
  const [name, setName] = useState(before.name);
  const [strict, setStrict] = useState(before.strict);
  const [text, setText] = useState(() => JSON.stringify(before.schema, null, 2));
  const wrongName = nameProblem(name);
  const parsed = parseSchema(text);
  const save = () => {
    if (wrongName === null && parsed.problem === null)
      onSave({ type: "json_schema", name, schema: parsed.value, strict });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Response schema"
      drawer
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={save} disabled={wrongName !== null || parsed.problem !== null}>
            Save schema
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <TextField
          label="Name"
          value={name}
          error={wrongName}
          onChange={(event) => setName(event.target.value)}
        />
        <JsonEditor label="JSON schema" initial={text} onChange={setText} problem={parsed.problem} />
        <Checkbox
          label="Strict"
          hint="The answer has this form and no other."
          checked={strict}
          onChange={setStrict}
        />
      </div>
    </Dialog>
  );
}
