import { useQuery } from "@tanstack/react-query";
import { Badge } from "~/components/Badge";
import { Ago } from "~/components/Figures";
import { Card, Section } from "~/components/Page";
import { Loaded } from "~/components/States";
import { Table } from "~/components/Table";
import { GivePlan } from "./GivePlan";
import { PlanFacts } from "./PlanFacts";
import { teamPlanQuery } from "./queries";

/** A team's plan, those that it had, and, for admins of the server, giving it another one. */
export function TeamPlan({ team, isServerAdmin }: { team: string; isServerAdmin: boolean }) {
  const found = useQuery(teamPlanQuery(team));
  return (
    <Loaded query={found}>
      {(data) => (
        <>
          <Card>
            <div className="mb-2 flex items-center gap-2">
              <h2 className="text-base">{data.plan.label}</h2>
              {data.plan.changes && <Badge tone="accent">changed while the server runs</Badge>}
            </div>
            <PlanFacts plan={data.plan} />
          </Card>
          {isServerAdmin ? (
            <Section
              title="Give another plan"
              lead="It holds from the next request on; limits that admins set stay."
            >
              <GivePlan key={data.plan.name} team={team} current={data.plan.name} />
            </Section>
          ) : (
            <p className="text-muted">Admins of the server give plans. Ask one of them for another plan.</p>
          )}
          <Section title="History">
            <Table
              label="Plans that the team was given"
              rows={data.history}
              rowKey={(row) => row.set_at}
              empty={<p className="text-muted">It was given none so far, and has the server's default.</p>}
              columns={[
                { id: "plan", header: "Plan", cell: (row) => row.plan },
                { id: "at", header: "From", cell: (row) => <Ago at={row.set_at} /> },
                { id: "until", header: "Until", cell: (row) => <Ago at={row.ended_at} never="now" /> },
                { id: "by", header: "By", cell: (row) => `${row.set_by}: ${row.reason}` },
              ]}
            />
          </Section>
        </>
      )}
    </Loaded>
  );
}
