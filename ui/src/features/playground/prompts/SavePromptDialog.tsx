import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { useParts } from "../context";
import type { Message } from "../state/types";
import { promptsQuery, savePrompt } from "./calls";
import { promptNameProblem } from "./prompts";

/** Publishes a prompt; under a name that is there already, as its next version. */
export function SavePromptDialog({ prompt, onClose }: { prompt: readonly Message[]; onClose: () => void }) {
  const { place } = useParts();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const problem = promptNameProblem(name);
  const save = useMutation({
    mutationFn: () => savePrompt(place, name, prompt),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: promptsQuery(place).queryKey });
      toast(`Saved the prompt ${name}.`);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (problem === null) save.mutate();
  };
  return (
    <Dialog open onClose={onClose} title="Save prompt">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          hint="A name that is taken gets a new version; earlier ones stay."
          error={name === "" ? null : problem}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {save.error && <ErrorState error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={save.isPending} disabled={problem !== null}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
