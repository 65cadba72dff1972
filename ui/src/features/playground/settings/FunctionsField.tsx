import { Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "~/components/Button";
import { MAX_FUNCTIONS } from "../state/settings";
import type { ChatSettings, ToolFunction } from "../state/types";
import { FunctionDrawer } from "./FunctionDrawer";

interface FunctionsFieldProps {
  settings: ChatSettings;
  reason: string | null;
  onChange: (settings: Partial<ChatSettings>) => void;
}

/** The functions that the model may call. */
export function FunctionsField({ settings, reason, onChange }: FunctionsFieldProps) {
  /** The place in the list; its end for a new one. */
  const [edited, edit] = useState<number | null>(null);
  const { functions } = settings;
  const save = (tool: ToolFunction) => {
    onChange({ functions: edited === null ? functions : functions.toSpliced(edited, 1, tool) });
    edit(null);
  };
  return (
    <div className="flex flex-col gap-2">
      <div className="font-medium">Functions</div>
      {functions.length > 0 && (
        <ul
          aria-label="Functions"
          className="flex flex-col divide-y divide-line rounded-md border border-line"
        >
          {functions.map((tool, index) => (
            <li key={tool.name} className="flex items-center gap-2 px-2 py-1">
              <span className="font-mono text-xs">{tool.name}</span>
              <span className="min-w-0 flex-1 truncate text-xs text-muted">{tool.description}</span>
              <IconButton label={`Edit function ${tool.name}`} onClick={() => edit(index)}>
                <Pencil aria-hidden className="size-3.5" />
              </IconButton>
              <IconButton
                label={`Delete function ${tool.name}`}
                onClick={() => onChange({ functions: functions.toSpliced(index, 1) })}
              >
                <Trash2 aria-hidden className="size-3.5" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <div className="flex items-center gap-2">
        <Button
          small
          disabled={reason !== null || functions.length >= MAX_FUNCTIONS}
          onClick={() => edit(functions.length)}
        >
          <Plus aria-hidden className="size-3.5" /> Add function
        </Button>
        {reason !== null && <span className="text-xs text-muted">{reason}</span>}
      </div>
      {edited !== null && (
        <FunctionDrawer
          tool={functions[edited] ?? null}
          otherNames={functions.filter((_, index) => index !== edited).map((tool) => tool.name)}
          onClose={() => edit(null)}
          onSave={save}
        />
      )}
    </div>
  );
}
