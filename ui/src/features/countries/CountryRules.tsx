import { useQuery } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import { Badge } from "~/components/Badge";
import { CodeBlock } from "~/components/Copy";
import { Card, Section } from "~/components/Page";
import { Loaded } from "~/components/States";
import { Table } from "~/components/Table";
import { day } from "~/lib/format";
import { Tester } from "./Tester";
import { shown } from "./trial";

const EXAMPLE = `country_allow = ["DE", "FR"]
network_allow = ["198.51.100.0/24"]`;

/** The rules in force, where each comes from, and trying them. */
export function CountryRules() {
  const rules = useQuery({
    queryKey: ["country"],
    queryFn: ({ signal }) => must(api.GET("/api/country", { signal })),
  });
  return (
    <Loaded query={rules}>
      {(data) => (
        <>
          <Card>
            <p className="font-medium">
              {data.is_on ? "Rules are in force." : "There are no rules: everybody may call, from anywhere."}
              {data.test_mode && <Badge tone="warn">test mode</Badge>}
            </p>
            <File file={data.file} />
          </Card>
          <Section title="Try the rules" lead="Asked of the rules of this server; no request is made.">
            <Tester />
          </Section>
          <Section
            title="Settings"
            lead="The first that says anything decides: networks, then private addresses, then countries."
          >
            <Table
              label="Settings of the rules"
              rows={data.settings}
              rowKey={(row) => row.key}
              columns={[
                {
                  id: "key",
                  header: "Setting",
                  cell: (row) => (
                    <div className="max-w-96">
                      <code className="font-mono text-xs">{row.key}</code>
                      <div className="text-xs text-muted">{row.description}</div>
                    </div>
                  ),
                },
                {
                  id: "value",
                  header: "Value",
                  cell: (row) => <span className="break-all">{shown(row.value)}</span>,
                },
                {
                  id: "origin",
                  header: "From",
                  hideBelow: "sm",
                  cell: (row) => <span className="text-xs break-words text-muted">{row.origin}</span>,
                },
              ]}
            />
          </Section>
          <Section
            title="Change the rules"
            lead="Rules are settings of the server, not of this page: whoever takes over an administrator's session must not open the server to the world. Write them into weft.toml in the data folder, or into variables such as WEFT_COUNTRY_ALLOW, and start the server again."
          >
            <CodeBlock label="weft.toml" code={EXAMPLE} />
            <CodeBlock label="Command" code="weft country check 203.0.113.7" />
          </Section>
        </>
      )}
    </Loaded>
  );
}

function File({ file }: { file: Schema<"CountryFileInfo"> }) {
  if (file.trouble) return <p className="mt-1 break-words text-bad">{file.trouble}</p>;
  if (!file.is_there)
    return (
      <p className="mt-1 break-words text-muted">
        No country file at {file.path}. {file.is_needed ? "The rules need one: " : "To know countries, "}put a
        MaxMind file (.mmdb) there; a running server takes it by itself.
      </p>
    );
  return (
    <p className="mt-1 break-words">
      <span className="text-muted">Country file:</span> {file.kind}, made{" "}
      {file.built_at ? day(new Date(file.built_at)) : "at an unknown time"}, {file.age_days} days old{" "}
      {file.is_old && <Badge tone="warn">old: fetch a newer one</Badge>}
      <span className="block font-mono text-xs break-all text-muted">{file.path}</span>
    </p>
  );
}
