import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "~/components/Button";
import { Checkbox } from "~/components/Field";
import { Page } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { plural } from "~/lib/format";
import { CreateKey } from "./CreateKey";
import { KeyTable } from "./KeyTable";
import { stateOf } from "./keys";
import { keysQuery } from "./queries";

interface KeysPageProps {
  /** Show keys that no longer work, too. */
  ended: boolean;
  onEnded: (ended: boolean) => void;
}

/** One's own API keys. */
export function KeysPage({ ended, onEnded }: KeysPageProps) {
  const [creating, setCreating] = useState(false);
  const keys = useQuery(keysQuery);
  const create = (
    <Button kind="primary" onClick={() => setCreating(true)}>
      <Plus aria-hidden className="size-4" /> Create key
    </Button>
  );
  return (
    <Page
      title="API keys"
      lead="Programs send a key with each request. It is shown once, when it is made; only a keyed hash is kept."
      actions={create}
      wide
    >
      <Loaded query={keys}>
        {({ keys: all }) => {
          const now = new Date();
          const working = all.filter((key) => stateOf(key, now) === "active");
          const past = all.length - working.length;
          return (
            <>
              {past > 0 && (
                <Checkbox
                  label={`Show ${plural(past, "key that no longer works", "keys that no longer work")}`}
                  checked={ended}
                  onChange={onEnded}
                />
              )}
              <KeyTable
                keys={ended ? all : working}
                empty={
                  <EmptyState title="No keys yet" action={create}>
                    Make one for each program or machine, so that you can end one without ending the others.
                  </EmptyState>
                }
              />
            </>
          );
        }}
      </Loaded>
      <CreateKey open={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}
