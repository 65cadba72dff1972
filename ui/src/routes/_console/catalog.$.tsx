import { createFileRoute } from "@tanstack/react-router";
import { ModelPage } from "~/features/models/ModelPage";

export const Route = createFileRoute("/_console/catalog/$")({ component: Catalog });

function Catalog() {
  const { me } = Route.useRouteContext();
  const { _splat } = Route.useParams();
  return <ModelPage key={_splat} id={_splat ?? ""} isAdmin={me.is_admin} />;
}
