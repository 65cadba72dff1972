import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { catalogQuery } from "~/api/catalog";
import { Checkbox, TextField } from "~/components/Field";
import { Loaded } from "~/components/States";
import { plural } from "~/lib/format";

interface ModelPickerProps {
  /** None: every model. */
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** The models that a key may run. */
export function ModelPicker({ chosen, onChange }: ModelPickerProps) {
  const [open, setOpen] = useState(chosen.length > 0);
  const [wanted, setWanted] = useState("");
  const catalog = useQuery(catalogQuery);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">Models</legend>
      <Checkbox
        label="Only some models"
        hint={
          open && chosen.length > 0 ? `${plural(chosen.length, "model")} chosen.` : "Otherwise it runs all."
        }
        checked={open}
        onChange={(on) => {
          setOpen(on);
          if (!on) onChange([]);
        }}
      />
      {open && (
        <>
          <TextField
            label="Find a model"
            hideLabel
            type="search"
            placeholder="Find a model"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
          <div className="flex max-h-40 flex-col gap-1.5 overflow-auto rounded-md border border-line p-2">
            <Loaded query={catalog}>
              {({ models }) =>
                models
                  .filter((model) =>
                    `${model.label} ${model.id}`.toLowerCase().includes(wanted.toLowerCase()),
                  )
                  .map((model) => (
                    <Checkbox
                      key={model.id}
                      label={<span className="break-all">{model.id}</span>}
                      checked={chosen.includes(model.id)}
                      onChange={(on) =>
                        onChange(on ? [...chosen, model.id] : chosen.filter((id) => id !== model.id))
                      }
                    />
                  ))
              }
            </Loaded>
          </div>
        </>
      )}
    </fieldset>
  );
}
