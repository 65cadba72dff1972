import { Link } from "@tanstack/react-router";
import { refOf } from "~/api/weave/refs";
import type { Place } from "~/lib/place";
import type { BoardModel } from "./queries";

/** A model by name, version and the language model that it asks; leads to its object. */
export function ModelLink({ place, model }: { place: Place; model: BoardModel }) {
  const ref = refOf(model.ref);
  const page = ref?.kind === "op" ? "ops" : "objects";
  const to = `/${place.team}/${place.project}/weave/${page}/${ref?.name ?? model.name}/versions/${ref?.digest}`;
  return (
    <>
      <Link to={to} title={model.ref} className="font-medium break-words hover:underline">
        {model.label}
      </Link>{" "}
      <span className="text-xs text-muted">{model.version}</span>
      {model.detail && <div className="text-2xs break-all text-muted">{model.detail}</div>}
    </>
  );
}
