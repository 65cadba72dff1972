import { Navigate } from "@tanstack/react-router";
import { wantedOf } from "./link";
import { ProjectView } from "./ProjectView";
import { RunView } from "./RunView";

interface LinkPageProps {
  team: string;
  project: string;
  /** What stands behind the project in the address. */
  rest: string;
}

/** What a link that a client printed leads to, in plain terms. */
export function LinkPage({ team, project, rest }: LinkPageProps) {
  const wanted = wantedOf(rest);
  const place = { team, project };
  if (wanted.kind === "run") return <RunView {...place} name={wanted.name} />;
  if (wanted.kind === "object")
    return (
      <Navigate
        to="/$team/$project/weave/objects/$name/versions/$digest"
        params={{ ...place, name: wanted.name, digest: wanted.digest }}
        replace
      />
    );
  return <ProjectView {...place} />;
}
