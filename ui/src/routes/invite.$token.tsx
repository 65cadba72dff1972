import { createFileRoute } from "@tanstack/react-router";
import { Invite } from "~/features/login/Invite";

export const Route = createFileRoute("/invite/$token")({ component: InvitePage });

function InvitePage() {
  return <Invite token={Route.useParams().token} />;
}
