import { type FormEvent, useState } from "react";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";

interface AddSubjectProps {
  isCalls: boolean;
  onAdd: (id: string) => void;
}

/** One more to compare, by its id or its reference. */
export function AddSubject({ isCalls, onAdd }: AddSubjectProps) {
  const [text, setText] = useState("");
  const label = isCalls ? "Id of another call" : "Another version: name:v3";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const id = idOf(text);
    if (id === "") return;
    onAdd(id);
    setText("");
  };
  return (
    <form onSubmit={submit} className="flex items-center gap-2">
      <div className="w-56">
        <TextField
          label={label}
          hideLabel
          placeholder={label}
          maxLength={512}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Button type="submit" disabled={idOf(text) === ""}>
        Add
      </Button>
    </form>
  );
}

/** What stands behind the last slash: of a reference, of a link, or the id itself. */
function idOf(text: string): string {
  return (text.trim().split("/").at(-1) ?? "").replaceAll(",", "");
}
