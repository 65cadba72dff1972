import { useState } from "react";
import { Button } from "~/components/Button";
import { Select } from "~/components/Field";
import { type CatalogModel, cannot } from "../state/capabilities";
import type { ChatSettings, ResponseFormat } from "../state/types";
import { SchemaDrawer } from "./SchemaDrawer";

interface FormatFieldProps {
  settings: ChatSettings;
  model: CatalogModel | null;
  onChange: (settings: Partial<ChatSettings>) => void;
}

/** What form the answer has. A schema is written in a drawer of its own. */
export function FormatField({ settings, model, onChange }: FormatFieldProps) {
  const [isOpen, setOpen] = useState(false);
  const { responseFormat: format } = settings;
  const noObject = cannot(model, "json_object");
  const noSchema = cannot(model, "json_schema");
  const choose = (type: string) => {
    if (type === "json_schema") setOpen(true);
    else onChange({ responseFormat: { type: type === "json_object" ? "json_object" : "text" } });
  };
  const save = (responseFormat: ResponseFormat) => {
    onChange({ responseFormat });
    setOpen(false);
  };
  return (
    <div className="flex flex-col gap-2">
      <Select
        label="Response format"
        hint={[noObject, noSchema].filter(Boolean).join(" ") || undefined}
        value={format.type}
        onChange={choose}
        options={[
          { value: "text", label: "text" },
          { value: "json_object", label: "json_object", disabled: noObject !== null },
          { value: "json_schema", label: "json_schema", disabled: noSchema !== null },
        ]}
      />
      {format.type === "json_schema" && (
        <div className="flex items-center gap-2">
          <span className="font-mono text-xs">{format.name}</span>
          <Button small onClick={() => setOpen(true)}>
            Edit schema
          </Button>
        </div>
      )}
      {isOpen && <SchemaDrawer format={format} onClose={() => setOpen(false)} onSave={save} />}
    </div>
  );
}
