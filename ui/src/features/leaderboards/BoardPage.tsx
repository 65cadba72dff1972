import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { buttonClass, IconButton } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Markdown } from "~/components/Markdown";
import { Menu, MenuItem } from "~/components/Menu";
import { Page } from "~/components/Page";
import { Loaded, Skeleton } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { BoardView } from "./BoardView";
import { ExportMenu } from "./ExportMenu";
import { type Board, boardQuery, boardsKey, deleteBoard } from "./queries";
import { type BoardSearch, searchOf, sortOf, versionsOf } from "./search";

interface BoardPageProps {
  place: Place;
  name: string;
  search: BoardSearch;
  onSearch: (search: BoardSearch) => void;
}

/** A leaderboard that is saved: published by a client, or made here. */
export function BoardPage({ place, name, search, onSearch }: BoardPageProps) {
  const board = useQuery(boardQuery(place, name, versionsOf(search)));
  const definition = board.data?.definition;
  return (
    <Page
      title={definition?.title ?? name}
      lead={
        <Link to="/$team/$project/weave/leaderboards" params={place} className="hover:text-fg">
          All leaderboards
        </Link>
      }
      actions={board.data && <Actions place={place} name={name} board={board.data} search={search} />}
      wide
    >
      {definition?.description && <Markdown text={definition.description} />}
      <Loaded query={board} loading={<Skeleton className="h-96" />}>
        {(found) => <BoardView place={place} board={found} search={search} onSearch={onSearch} />}
      </Loaded>
    </Page>
  );
}

interface ActionsProps {
  place: Place;
  name: string;
  board: Board;
  search: BoardSearch;
}

function Actions({ place, name, board, search }: ActionsProps) {
  const [removing, setRemoving] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteBoard(place, name),
    onSuccess: async () => {
      await navigate({ to: "/$team/$project/weave/leaderboards", params: place });
      await client.invalidateQueries({ queryKey: boardsKey(place) });
      toast("Leaderboard deleted");
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const dynamic = board.definition.dynamic;
  return (
    <>
      <ExportMenu board={board} sort={sortOf(search)} />
      {dynamic ? (
        <Link
          to="/$team/$project/weave/leaderboards/dynamic"
          params={place}
          search={{ ...searchOf(dynamic), board: name, configure: "metrics" as const }}
          className={buttonClass()}
        >
          Configure
        </Link>
      ) : (
        <Link
          to="/$team/$project/weave/leaderboards/$name/edit"
          params={{ ...place, name }}
          className={buttonClass()}
        >
          Edit
        </Link>
      )}
      <Menu
        label="More"
        button={
          <IconButton label="More">
            <Ellipsis aria-hidden className="size-4" />
          </IconButton>
        }
      >
        {!dynamic && (
          <MenuItem
            onSelect={() =>
              void navigate({
                to: "/$team/$project/weave/leaderboards/new",
                params: place,
                search: { from: name },
              })
            }
          >
            Duplicate
          </MenuItem>
        )}
        <MenuItem onSelect={() => setRemoving(true)}>Delete</MenuItem>
      </Menu>
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Delete ${board.definition.title}?`}
        verb="Delete"
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        All versions of the leaderboard go. The runs in it stay.
      </ConfirmDialog>
    </>
  );
}
