import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { TextArea, TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { EXAMPLES, type Form, wanted } from "./trial";

/** Tries an address, or a request through a proxy, and says which rule decides. */
export function Tester() {
  const [form, setForm] = useState<Form>({ address: "", peer: "", headers: "" });
  const [wrong, setWrong] = useState("");
  const trial = useMutation({
    mutationFn: (body: Schema<"CountryTest">) => must(api.POST("/api/country/test", { body })),
  });
  const run = (next: Form) => {
    const asked = wanted(next);
    setWrong("error" in asked ? asked.error : "");
    if (!("error" in asked)) trial.mutate(asked);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(form);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-xs text-muted">Try</span>
        {EXAMPLES.map((example) => (
          <Button
            key={example.label}
            small
            onClick={() => {
              setForm(example.form);
              run(example.form);
            }}
          >
            {example.label}
          </Button>
        ))}
      </div>
      <TextField
        label="Address"
        placeholder="203.0.113.7 or 2001:db8::7"
        maxLength={64}
        value={form.address}
        error={wrong || null}
        onChange={(event) => setForm({ ...form, address: event.target.value })}
      />
      <details open={form.peer !== "" || undefined}>
        <summary className="cursor-pointer text-muted">Or a request that comes through a proxy</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-2">
          <TextField
            label="Address of the connection"
            hint="Its headers count only if it is one of trusted_proxies."
            maxLength={64}
            value={form.peer}
            onChange={(event) => setForm({ ...form, address: "", peer: event.target.value })}
          />
          <TextArea
            label="Headers"
            hint="One a line: Name: value."
            value={form.headers}
            onChange={(event) => setForm({ ...form, headers: event.target.value })}
          />
        </div>
      </details>
      <div>
        <Button type="submit" kind="primary" busy={trial.isPending}>
          Try the rules
        </Button>
      </div>
      <div aria-live="polite">
        {trial.error && <ErrorState error={trial.error} />}
        {trial.data && <Verdict verdict={trial.data} />}
      </div>
    </form>
  );
}

const SOURCES = { file: "by the country file", header: "by the proxy's header", nobody: "nobody knows" };

function Verdict({ verdict }: { verdict: Schema<"CountryVerdict"> }) {
  const facts: [string, string][] = [
    ["Caller", `${verdict.address ?? "not told"}${verdict.by_proxy ? ", by a trusted proxy's word" : ""}`],
    ["Country", verdict.country ? `${verdict.country}, ${SOURCES[verdict.country_source]}` : "not known"],
    ["Decided by", verdict.rule === "none" ? "no rule" : verdict.rule],
  ];
  if (verdict.network) facts.push(["Network", verdict.network]);
  return (
    <section aria-label="Verdict" className="rounded-lg border border-line bg-raised p-3">
      <p className="flex flex-wrap items-center gap-2 font-medium">
        <Badge tone={verdict.allowed ? "good" : "bad"}>{verdict.allowed ? "allowed" : "refused"}</Badge>
        {verdict.why}
      </p>
      <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-xs">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
