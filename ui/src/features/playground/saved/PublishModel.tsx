import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { useParts, usePlayground } from "../context";
import { find } from "../state/store";
import { refOf, savedOf } from "./params";
import { savedQuery, saveModel } from "./queries";

/** Saves the chat's model with its settings and prompt: as a new one, or as the next version of the one it was made of. */
export function PublishModel({ chatId }: { chatId: string }) {
  const { place, store } = useParts();
  const cache = useQueryClient();
  const { data: models } = useQuery(savedQuery(place));
  const saved = usePlayground((state) => find(state, chatId)?.saved ?? null);
  const model = usePlayground((state) => find(state, chatId)?.model ?? "");
  const known = models?.find((one) => one.object_id === saved?.objectId);
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? known?.name ?? "";
  const isUpdate = models?.some((one) => one.name === name.trim()) ?? false;
  const save = useMutation({
    mutationFn: () => {
      const chat = store.find(chatId);
      if (chat === undefined) throw new Error("The chat is gone.");
      return saveModel(place, savedOf(name, chat));
    },
    onSuccess: async (told) => {
      store.dispatch({ type: "chat/saved", chatId, saved: refOf(told) });
      await cache.invalidateQueries(savedQuery(place));
      toast(`${told.name} is saved as version ${told.version_index}.`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "" && model !== "") save.mutate();
  };
  return (
    <form
      onSubmit={submit}
      aria-label="Save this model"
      className="flex flex-col gap-2 border-t border-line pt-4"
    >
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <TextField
            label="Model name"
            value={name}
            maxLength={128}
            placeholder="my-model"
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <Button type="submit" busy={save.isPending} disabled={name.trim() === "" || model === ""}>
          {isUpdate ? "Update model" : "Publish model"}
        </Button>
      </div>
      <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
        {saved !== null && (
          <Badge tone="accent">{`${known?.name ?? saved.objectId} v${saved.versionIndex}`}</Badge>
        )}
        {model === ""
          ? "Select a model first."
          : "Keeps model, settings and prompt as a versioned object: for the model menu here, and for weave.ref(...).get()."}
      </p>
      {save.error !== null && <ErrorState error={save.error} />}
    </form>
  );
}
