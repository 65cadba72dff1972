import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { boardsKey, type Dynamic, saveBoard } from "./queries";
import { titled } from "./search";

interface SaveDynamicProps {
  place: Place;
  open: boolean;
  onClose: () => void;
  /** The saved one that was changed; null for none. */
  name: string | null;
  title: string;
  description: string | null;
  dynamic: Dynamic;
}

/** Keep a dynamic leaderboard as a view of the project. */
export function SaveDynamic({ place, open, onClose, name, title, description, dynamic }: SaveDynamicProps) {
  const [text, setText] = useState(title);
  const navigate = useNavigate();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (over: string | null) => saveBoard(place, over, titled(text.trim(), dynamic, description)),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: boardsKey(place) });
      await navigate({
        to: "/$team/$project/weave/leaderboards/$name",
        params: { ...place, name: saved.name },
      });
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) save.mutate(name);
  };
  return (
    <Dialog open={open} onClose={onClose} title="Save leaderboard">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Title"
          value={text}
          maxLength={128}
          hint="What is hidden, renamed and filtered is kept; runs are looked up anew each time."
          onChange={(event) => setText(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          {name !== null && (
            <Button disabled={!text.trim() || text.trim() === title} onClick={() => save.mutate(null)}>
              Save as new
            </Button>
          )}
          <Button type="submit" kind="primary" busy={save.isPending} disabled={!text.trim()}>
            {name === null ? "Save" : "Save changes"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
