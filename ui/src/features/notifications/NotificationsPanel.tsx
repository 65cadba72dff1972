import { useQuery } from "@tanstack/react-query";
import { api, must } from "~/api/client";
import { Section } from "~/components/Page";
import { Loaded } from "~/components/States";
import { EmailCard, WebhookCard } from "./Channels";
import { Deliveries } from "./Deliveries";

const LOOK_MS = 10_000;

/** How alerts are told, trying each way, and what was sent lately. */
export function NotificationsPanel() {
  const found = useQuery({
    queryKey: ["notifications"],
    queryFn: ({ signal }) =>
      must(api.GET("/api/notifications", { params: { query: { limit: 50 } }, signal })),
    refetchInterval: LOOK_MS,
  });
  return (
    <Loaded query={found}>
      {(data) => (
        <>
          <div className="grid gap-3 lg:grid-cols-2">
            <EmailCard email={data.email} />
            <WebhookCard webhook={data.webhook} />
          </div>
          <Section
            title="Recent deliveries"
            lead="What does not arrive is tried again for a day, at growing distances."
          >
            <Deliveries deliveries={data.deliveries} />
          </Section>
        </>
      )}
    </Loaded>
  );
}
