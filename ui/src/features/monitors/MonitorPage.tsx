import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { Button, buttonClass } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { Facts } from "./Facts";
import { type Monitor, monitorQuery, removeMonitor } from "./queries";
import { Results } from "./Results";
import { Rules } from "./Rules";
import { Scores } from "./Scores";
import { Standing } from "./Standing";
import type { ScoresSearch } from "./search";

interface MonitorPageProps {
  place: Place;
  name: string;
  mayWrite: boolean;
  search: ScoresSearch;
  onSearch: (search: ScoresSearch) => void;
  /** It was removed. */
  onGone: () => void;
}

/** One monitor: how it is, what its scorers say over time, the calls it judged, and whom it tells. */
export function MonitorPage({ place, name, mayWrite, search, onSearch, onGone }: MonitorPageProps) {
  const monitor = useQuery(monitorQuery(place, name));
  const actions = mayWrite && monitor.data && (
    <>
      <Remove place={place} monitor={monitor.data} onGone={onGone} />
      <Link
        to="/$team/$project/weave/monitors/new"
        params={place}
        search={{ edit: name }}
        className={buttonClass()}
      >
        Edit
      </Link>
    </>
  );
  return (
    <Page title={name} lead={monitor.data?.description} actions={actions}>
      <Loaded query={monitor}>
        {(found) => (
          <>
            <Standing place={place} monitor={found} mayWrite={mayWrite} />
            <Scores
              place={place}
              origin={name}
              search={search}
              onSearch={onSearch}
              empty="It judges calls as they end; a longer range shows earlier ones."
            />
            <Results place={place} origin={name} scorer={search.scorer ?? ""} />
            <Rules monitor={found} />
            <Facts place={place} monitor={found} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Remove({ place, monitor, onGone }: { place: Place; monitor: Monitor; onGone: () => void }) {
  const cache = useQueryClient();
  const [open, setOpen] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeMonitor(place, monitor.name),
    onSuccess: () => {
      cache.removeQueries({ queryKey: ["monitors", place.team, place.project, monitor.name] });
      cache.invalidateQueries({ queryKey: ["monitors"] });
      toast(`${monitor.name} is removed.`);
      onGone();
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>Remove</Button>
      <ConfirmDialog
        open={open}
        onClose={() => setOpen(false)}
        onConfirm={() => remove.mutate()}
        title={`Remove ${monitor.name}?`}
        verb="Remove"
        busy={remove.isPending}
      >
        It stops, with all its versions and its counts. What it said of calls stays as their feedback.
      </ConfirmDialog>
    </>
  );
}
