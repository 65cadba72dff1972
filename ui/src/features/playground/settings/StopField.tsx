import { X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button, IconButton } from "~/components/Button";
import { TextField } from "~/components/Field";
import { stopProblem } from "../state/settings";

interface StopFieldProps {
  stop: readonly string[];
  reason: string | null;
  onChange: (stop: readonly string[]) => void;
}

/** Texts at which an answer ends. `\n` and `\t` stand for a new line and a tab, which cannot be typed here. */
export function StopField({ stop, reason, onChange }: StopFieldProps) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const sequence = text.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
    const wrong = stopProblem(sequence, stop);
    setProblem(wrong);
    if (wrong !== null) return;
    onChange([...stop, sequence]);
    setText("");
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <div className="flex items-start gap-2">
        <div className="flex-1">
          <TextField
            label="Stop sequences"
            hint={reason ?? "The answer ends before one of these. Write \\n for a new line."}
            error={problem}
            value={text}
            disabled={reason !== null}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <Button type="submit" className="mt-6" disabled={reason !== null || text === ""}>
          Add
        </Button>
      </div>
      {stop.length > 0 && (
        <ul aria-label="Stop sequences" className="flex flex-wrap gap-1.5">
          {stop.map((sequence) => (
            <li
              key={sequence}
              className="flex items-center rounded-md border border-line bg-panel pl-2 font-mono text-xs"
            >
              {JSON.stringify(sequence)}
              <IconButton
                label={`Remove stop sequence ${JSON.stringify(sequence)}`}
                onClick={() => onChange(stop.filter((each) => each !== sequence))}
              >
                <X aria-hidden className="size-3" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
