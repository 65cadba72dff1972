import type { Me } from "~/api/queries";
import { Badge } from "~/components/Badge";
import { Page, Section } from "~/components/Page";
import { EmailForm } from "./EmailForm";
import { PasswordForm } from "./PasswordForm";
import { Sessions } from "./Sessions";
import { SingleSignOn } from "./SingleSignOn";

/** One's own user: what it is called, how one signs in, and where one is signed in. */
export function Profile({ me }: { me: Me }) {
  const teams = me.teams.filter((team) => team.kind !== "personal");
  return (
    <Page title="Profile" lead="Who you are on this server, and how you sign in.">
      <Section title="You">
        <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-4 gap-y-1.5">
          <dt className="text-muted">User name</dt>
          <dd className="flex flex-wrap items-center gap-2 break-all">
            {me.username} {me.is_admin && <Badge tone="accent">server admin</Badge>}
          </dd>
          <dt className="text-muted">Teams</dt>
          <dd className="flex flex-wrap gap-x-3 gap-y-1">
            {teams.length === 0 && <span className="text-muted">none: ask an admin for an invitation</span>}
            {teams.map((team) => (
              <span key={team.name} className="break-all">
                {team.name} <span className="text-muted">{team.role}</span>
              </span>
            ))}
          </dd>
        </dl>
        <EmailForm email={me.email} />
      </Section>
      <Section title="Password">
        {me.has_password ? (
          <PasswordForm username={me.username} />
        ) : (
          <p className="text-muted">
            You sign in without a password. An administrator of this server can make a link that sets one.
          </p>
        )}
      </Section>
      <SingleSignOn me={me} />
      <Sessions />
    </Page>
  );
}
