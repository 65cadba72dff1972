import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { meQuery } from "~/api/queries";
import { waysQuery } from "~/api/ways";
import { Profile } from "~/features/profile/Profile";

export const Route = createFileRoute("/_console/settings/profile")({
  loader: ({ context }) => context.queryClient.prefetchQuery(waysQuery()),
  component: ProfilePage,
});

function ProfilePage() {
  const { me } = Route.useRouteContext();
  const { data } = useQuery(meQuery);
  return <Profile me={data ?? me} />;
}
