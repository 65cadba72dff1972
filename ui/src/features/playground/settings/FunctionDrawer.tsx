import { useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { JsonEditor } from "~/components/JsonEditor";
import { parseFunction, showFunction } from "../state/schemas";
import type { ToolFunction } from "../state/types";

const EXAMPLE: ToolFunction = {
  name: "get_weather",
  description: "Get the weather in a city.",
  parameters: {
    type: "object",
    properties: { location: { type: "string" } },
    required: ["location"],
    additionalProperties: false,
  },
  strict: false,
};

interface FunctionDrawerProps {
  /** Null for a new one, which begins as an example. */
  tool: ToolFunction | null;
  otherNames: readonly string[];
  onClose: () => void;
  onSave: (tool: ToolFunction) => void;
}

/** Writes a function as JSON, as OpenAI's API has it; saves only what the server takes. */
export function FunctionDrawer({ tool, otherNames, onClose, onSave }: FunctionDrawerProps) {
  const [text, setText] = useState(() => showFunction(tool ?? EXAMPLE));
  const parsed = parseFunction(text, otherNames);
  return (
    <Dialog
      open
      onClose={onClose}
      title={tool === null ? "Add function" : `Function ${tool.name}`}
      drawer
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            disabled={parsed.problem !== null}
            onClick={() => parsed.problem === null && onSave(parsed.value)}
          >
            Save function
          </Button>
        </>
      }
    >
      <p className="pb-3 text-muted">
        Its name, what it does, and its parameters as a JSON schema. The model decides when to call it; its
        result is written by you.
      </p>
      <JsonEditor label="Function" initial={text} onChange={setText} problem={parsed.problem} />
    </Dialog>
  );
}
