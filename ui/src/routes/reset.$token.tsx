import { createFileRoute } from "@tanstack/react-router";
import { Reset } from "~/features/login/Reset";

export const Route = createFileRoute("/reset/$token")({ component: ResetPage });

function ResetPage() {
  return <Reset token={Route.useParams().token} />;
}
