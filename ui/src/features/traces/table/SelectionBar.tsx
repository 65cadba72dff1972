import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button, buttonClass } from "~/components/Button";
import { plural } from "~/lib/format";
import { DeleteDialog } from "./DeleteDialog";
import type { Chosen } from "./useSelection";

interface SelectionBarProps {
  project: string;
  chosen: Chosen;
  onExport: () => void;
  onDeleted: () => void;
}

/** Of so many the address still opens everywhere. */
const IN_ADDRESS = 200;

/** What can be done with the selected calls. */
export function SelectionBar({ project, chosen, onExport, onDeleted }: SelectionBarProps) {
  const [isDeleting, setIsDeleting] = useState(false);
  const ids = [...chosen.keys];
  if (ids.length === 0) return null;
  const compare: string = `/${project}/weave/compare`;
  const search = { calls: ids.slice(0, IN_ADDRESS).join(",") };
  const tooMany = ids.length > IN_ADDRESS ? `At most ${IN_ADDRESS} calls at once` : undefined;
  return (
    <section
      aria-label="Selected calls"
      className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-accent-soft px-3 py-1.5"
    >
      <span className="font-medium">{plural(ids.length, "call")} selected</span>
      <span className="flex-1" />
      {ids.length > 1 && !tooMany && (
        <Link to={compare} search={search as never} className={buttonClass("plain", true)}>
          Compare
        </Link>
      )}
      <AddTo label="Add to dataset" to={`/${project}/weave/datasets/add`} search={search} refusal={tooMany} />
      <AddTo
        label="Add to queue"
        to={`/${project}/weave/annotation-queues/add`}
        search={search}
        refusal={tooMany}
      />
      <Button small onClick={onExport}>
        Export
      </Button>
      <Button small onClick={() => setIsDeleting(true)}>
        Delete
      </Button>
      <Button small kind="quiet" onClick={chosen.clear}>
        Clear
      </Button>
      {isDeleting && (
        <DeleteDialog
          project={project}
          calls={chosen.calls}
          onClose={() => setIsDeleting(false)}
          onDeleted={() => {
            setIsDeleting(false);
            chosen.clear();
            onDeleted();
          }}
        />
      )}
    </section>
  );
}

interface AddToProps {
  label: string;
  to: string;
  search: { calls: string };
  /** Why it cannot be done; undefined where it can. */
  refusal: string | undefined;
}

/** Leads to where calls are put into something. */
function AddTo({ label, to, search, refusal }: AddToProps) {
  if (refusal)
    return (
      <Button small disabled title={refusal}>
        {label}
      </Button>
    );
  return (
    <Link to={to} search={search as never} className={buttonClass("plain", true)}>
      {label}
    </Link>
  );
}
