import { useQuery } from "@tanstack/react-query";
import { Page } from "~/components/Page";
import { Loaded, Skeleton } from "~/components/States";
import type { Place } from "~/lib/place";
import { Editor } from "./Editor";
import { boardQuery, choicesQuery, type Definition } from "./queries";

interface EditPageProps {
  place: Place;
  /** The leaderboard that is changed; null for a new one. */
  name: string | null;
  /** The leaderboard that it begins as. */
  from: string | null;
}

const NOTHING: Definition = { title: "", description: null, columns: [], dynamic: null };

/** Making a leaderboard, or changing one. */
export function EditPage({ place, name, from }: EditPageProps) {
  const choices = useQuery(choicesQuery(place));
  const before = useQuery({
    ...boardQuery(place, from ?? "", "exact"),
    enabled: from !== null,
    refetchInterval: false,
  });
  const title = name === null ? "New leaderboard" : "Edit leaderboard";
  return (
    <Page title={title} wide>
      <Loaded query={choices} loading={<Skeleton className="h-96" />}>
        {({ evaluations }) =>
          from === null ? (
            <Editor place={place} name={name} initial={NOTHING} choices={evaluations} />
          ) : (
            <Loaded query={before} loading={<Skeleton className="h-96" />}>
              {(board) => (
                <Editor
                  key={from}
                  place={place}
                  name={name}
                  initial={name === null ? copyOf(board.definition) : board.definition}
                  choices={evaluations}
                />
              )}
            </Loaded>
          )
        }
      </Loaded>
    </Page>
  );
}

function copyOf(definition: Definition): Definition {
  return { ...definition, title: `${definition.title} copy` };
}
