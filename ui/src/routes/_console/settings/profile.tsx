import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { meQuery } from "~/api/queries";
import { Profile } from "~/features/profile/Profile";

export const Route = createFileRoute("/_console/settings/profile")({ component: ProfilePage });

function ProfilePage() {
  const { me } = Route.useRouteContext();
  const { data } = useQuery(meQuery);
  return <Profile me={data ?? me} />;
}
