import { createFileRoute } from "@tanstack/react-router";
import { useState } from "react";
import { CheckoutNotice, checkoutSearch } from "~/features/billing/CheckoutNotice";
import { MyStanding } from "~/features/billing/MyStanding";
import { Overview } from "~/features/billing/Overview";
import { manages } from "~/features/billing/rights";

export const Route = createFileRoute("/_console/billing/$team/")({
  validateSearch: checkoutSearch,
  component: BillingOverview,
});

function BillingOverview() {
  const { team } = Route.useParams();
  const { checkout } = Route.useSearch();
  const { me } = Route.useRouteContext();
  const [now] = useState(() => new Date());
  return (
    <>
      <CheckoutNotice checkout={checkout} />
      {manages(me, team) ? <Overview team={team} now={now} /> : <MyStanding team={team} />}
    </>
  );
}
