import { useQuery } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import { asApiError } from "~/api/errors";
import { meQuery } from "~/api/queries";
import { Ago } from "~/components/Figures";
import { Loaded, SkeletonRows } from "~/components/States";
import { Accept } from "./Accept";
import { Guest } from "./Guest";
import { Join } from "./Join";

const MAY: Record<Schema<"InvitationInfo">["role"], string> = {
  viewer: "You will see what the team shares.",
  member: "You will run models and see the team's traces.",
  admin: "You will run models, and manage the team's members, keys and limits.",
};

/** What a link invites to: as whoever is signed in, or as somebody new. */
export function Invite({ token }: { token: string }) {
  const invitation = useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => must(api.POST("/api/invitations/find", { body: { token }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const me = useQuery({ ...meQuery, retry: false });
  const knows = me.data !== undefined || (me.error !== null && asApiError(me.error).isSignedOut);
  return (
    <Guest title={invitation.data ? `Join ${invitation.data.team}` : "Invitation"}>
      <Loaded query={invitation} loading={<SkeletonRows rows={4} />}>
        {(found) => (
          <>
            <p className="text-muted">
              {found.invited_by ? `${found.invited_by} invites you` : "You are invited"} to the team{" "}
              <b className="text-fg">{found.team}</b> as {found.role}. {MAY[found.role]} The link works once
              and ends <Ago at={found.expires_at} />.
            </p>
            {!knows && <SkeletonRows rows={2} />}
            {me.data && <Accept token={token} team={found.team} username={me.data.username} />}
            {knows && !me.data && <Join token={token} email={found.email} />}
          </>
        )}
      </Loaded>
    </Guest>
  );
}
