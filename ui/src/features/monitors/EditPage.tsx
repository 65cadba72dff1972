import { useQuery } from "@tanstack/react-query";
import { catalogQuery } from "~/api/catalog";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";
import { nusd, usd } from "~/lib/money";
import type { Place } from "~/lib/place";
import { EMPTY_FORM, type MonitorForm } from "./form";
import { MonitorEditor } from "./MonitorEditor";
import { type Monitor, monitorQuery, monitorsQuery } from "./queries";
import { ruleForm } from "./ruleForm";
import { scorerForm } from "./scorerForm";
import { opName } from "./words";

interface EditPageProps {
  place: Place;
  /** The name of the monitor that is changed; empty for a new one. */
  edit: string;
  onSaved: (name: string) => void;
}

/** Makes a monitor, or changes one. */
export function EditPage({ place, edit, onSaved }: EditPageProps) {
  const list = useQuery(monitorsQuery(place));
  const catalog = useQuery(catalogQuery);
  const known = useQuery({ ...monitorQuery(place, edit), enabled: edit !== "", refetchInterval: false });
  const lead = edit
    ? "Saving publishes a new version; its budget is on your account from then on."
    : "It judges calls as they end, from now on. Its budget is on your account.";
  return (
    <Page title={edit ? `Edit ${edit}` : "New monitor"} lead={lead}>
      <Loaded query={list}>
        {({ max_budget_nusd: max }) => (
          <Loaded query={catalog}>
            {({ models }) => {
              const judges = models.map((one) => one.id);
              const shared = { place, judges, max: nusd(max), onSaved };
              if (!edit) return <MonitorEditor {...shared} initial={EMPTY_FORM} isNew />;
              return (
                <Loaded query={known}>
                  {(monitor) => <MonitorEditor {...shared} initial={formOf(monitor)} isNew={false} />}
                </Loaded>
              );
            }}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

function formOf(monitor: Monitor): MonitorForm {
  return {
    name: monitor.name,
    description: monitor.description,
    ops: monitor.op_names.map(opName),
    query: monitor.query ? JSON.stringify(monitor.query, null, 2) : "",
    sampling: String(Number((monitor.sampling_rate * 100).toFixed(4))),
    scorers: monitor.scorers.map(scorerForm),
    budget: usd(nusd(monitor.budget_nusd)).replace(/[$,]/g, ""),
    rules: monitor.rules.map(ruleForm),
  };
}
