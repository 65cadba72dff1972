import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { refOf } from "~/api/weave/refs";
import type { Place } from "~/lib/place";

interface VersionLinkProps {
  place: Place;
  isOp: boolean;
  name: string;
  digest: string;
  className?: string;
  children: ReactNode;
}

/** To the page of a version. */
export function VersionLink({ place, isOp, name, digest, className, children }: VersionLinkProps) {
  return (
    <Link
      to={
        isOp
          ? "/$team/$project/weave/ops/$name/versions/$digest"
          : "/$team/$project/weave/objects/$name/versions/$digest"
      }
      params={{ ...place, name, digest }}
      className={className ?? "text-accent hover:underline"}
    >
      {children}
    </Link>
  );
}

/** A reference as a link with the version's name; other values as they are. */
export function RefLink({ value }: { value: unknown }) {
  const ref = refOf(value);
  if (!ref?.digest || (ref.kind !== "object" && ref.kind !== "op")) return <code>{String(value)}</code>;
  return (
    <VersionLink
      place={{ team: ref.team, project: ref.project }}
      isOp={ref.kind === "op"}
      name={ref.name}
      digest={ref.digest}
    >
      {ref.name}
      <span className="text-muted">:{ref.digest.slice(0, 6)}</span>
    </VersionLink>
  );
}
