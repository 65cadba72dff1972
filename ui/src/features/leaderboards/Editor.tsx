import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { asApiError } from "~/api/errors";
import { Button, buttonClass } from "~/components/Button";
import { TextArea, TextField } from "~/components/Field";
import { Section } from "~/components/Page";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { BoardTable } from "./BoardTable";
import { FIRST } from "./board";
import { ColumnEditor } from "./ColumnEditor";
import { type Draft, drafts, duplicated, firstColumn, moved, nextKey } from "./editor";
import { boardsKey, type Choice, type Definition, previewQuery, saveBoard } from "./queries";

interface EditorProps {
  place: Place;
  name: string | null;
  initial: Definition;
  choices: Choice[];
}

/** Title, description and columns, and below them the board that comes of it. */
export function Editor({ place, name, initial, choices }: EditorProps) {
  const [title, setTitle] = useState(initial.title);
  const [description, setDescription] = useState(initial.description ?? "");
  const [columns, setColumns] = useState<Draft[]>(drafts(initial.columns ?? []));
  const navigate = useNavigate();
  const client = useQueryClient();
  const definition: Definition = {
    title: title.trim(),
    description: description.trim() || null,
    columns: columns.map((one) => one.column),
    dynamic: null,
  };
  const save = useMutation({
    mutationFn: () => saveBoard(place, name, definition),
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
    if (definition.title) save.mutate();
  };
  const add = () => {
    const like = columns.at(-1)?.column;
    const choice = choices[0];
    const column = like ? { ...like } : choice && firstColumn(choice);
    if (column) setColumns([...columns, { key: nextKey(columns), column }]);
  };
  const change = (at: number, draft: Draft) =>
    setColumns(columns.map((one, place) => (place === at ? draft : one)));
  return (
    <form onSubmit={submit} className="flex flex-col gap-6">
      <div className="grid gap-3 md:grid-cols-2">
        <TextField
          label="Title"
          value={title}
          required
          maxLength={128}
          onChange={(event) => setTitle(event.target.value)}
        />
        <TextArea
          label="Description"
          hint="Markdown."
          value={description}
          maxLength={10_000}
          onChange={(event) => setDescription(event.target.value)}
        />
      </div>
      <Section title="Columns" lead="Each is one figure of one scorer in an evaluation that has runs.">
        {columns.length === 0 && (
          <EmptyState title="No columns yet">
            {choices.length === 0
              ? "No evaluation of this project has runs. Run one, then make a leaderboard of it."
              : "Add the first one."}
          </EmptyState>
        )}
        {columns.map((draft, at) => (
          <ColumnEditor
            key={draft.key}
            index={at}
            count={columns.length}
            column={draft.column}
            choices={choices}
            onChange={(column) => change(at, { ...draft, column })}
            onMove={(by) => setColumns(moved(columns, at, by))}
            onDuplicate={() => setColumns(duplicated(columns, at))}
            onDelete={() => setColumns(columns.filter((one) => one !== draft))}
          />
        ))}
        <div>
          <Button onClick={add} disabled={choices.length === 0}>
            <Plus aria-hidden className="size-4" /> Add column
          </Button>
        </div>
      </Section>
      {columns.length > 0 && <Preview place={place} definition={definition} />}
      <div className="flex gap-2">
        <Button type="submit" kind="primary" busy={save.isPending} disabled={!definition.title}>
          Save
        </Button>
        <Link to="/$team/$project/weave/leaderboards" params={place} className={buttonClass()}>
          Cancel
        </Link>
      </div>
    </form>
  );
}

/** What the columns come to; a title does not matter for that. */
function Preview({ place, definition }: { place: Place; definition: Definition }) {
  const shown = { ...definition, title: "Preview", description: null };
  const board = useQuery({ ...previewQuery(place, shown, "exact"), refetchInterval: false });
  return (
    <Section title="Preview">
      <Loaded query={board} loading={<Skeleton className="h-48" />}>
        {(found) => <BoardTable place={place} board={found} sort={FIRST} onSort={() => undefined} />}
      </Loaded>
    </Section>
  );
}
