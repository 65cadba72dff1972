import { useQuery } from "@tanstack/react-query";
import { Money } from "~/components/Figures";
import { Tile } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { LimitsTable } from "./LimitsTable";
import { ownLimitsQuery } from "./queries";

/** What is left to a member: of their keys, themselves, the project and the team. */
export function OwnLimits({ team }: { team: string }) {
  const own = useQuery(ownLimitsQuery(team));
  return (
    <Loaded query={own}>
      {(data) => (
        <>
          <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
            <Tile label="Plan">{data.plan_label}</Tile>
            <Tile label="Credit left">
              <Money nanoUsd={data.credit.left_nusd} />
            </Tile>
          </div>
          {data.limits.length === 0 ? (
            <EmptyState title="Nothing limits you here">
              An admin of {team} may set limits for its projects.
            </EmptyState>
          ) : (
            <LimitsTable label="Your limits" rows={data.limits} />
          )}
          <p className="text-xs text-muted">Admins of {team} set these limits. Ask one of them for more.</p>
        </>
      )}
    </Loaded>
  );
}
