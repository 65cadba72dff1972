import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { setAlias } from "~/api/weave/labels";
import { createObject, type ObjectVersion } from "~/api/weave/objects";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { DiffControls, type Layout } from "~/components/diff/DiffControls";
import { TextDiff } from "~/components/diff/TextDiff";
import { TextArea, TextField } from "~/components/Field";
import { Section } from "~/components/Page";
import { ErrorState } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { listed } from "../list";
import { listQuery } from "../queries";
import { promptText, variablesOf } from "../values";
import { AliasChoice } from "./AliasChoice";
import { type Draft, draftProblem, ofKind, valueOfDraft } from "./draft";
import { MessagesEditor } from "./MessagesEditor";

interface PromptEditorProps {
  place: Place;
  initial: Draft;
  /** The version that editing begins from; null for a new prompt. */
  before: ObjectVersion | null;
}

/** A prompt, written or edited; publishing makes a version, and aliases may move to it at once. */
export function PromptEditor({ place, initial, before }: PromptEditorProps) {
  const of = `${place.team}/${place.project}`;
  const [draft, setDraft] = useState(initial);
  const [aliases, setAliases] = useState<string[]>([]);
  const [layout, setLayout] = useState<Layout>("side");
  const [only, setOnly] = useState(false);
  const list = useQuery(listQuery(of, "prompts"));
  const taken = before ? [] : listed(list.data ?? []).map((one) => one.name);
  const client = useQueryClient();
  const navigate = useNavigate();
  const value = valueOfDraft(draft, before?.val);
  const hasChanged = before === null || JSON.stringify(value) !== JSON.stringify(before.val);
  const problem = draftProblem(draft, taken);
  const variables = variablesOf(draft.messages.map((one) => one.content));
  const [was, is] = [promptText(before?.val), promptText(value)];
  const publish = useMutation({
    mutationFn: async () => {
      const { digest } = await createObject(of, draft.name, value);
      for (const alias of aliases) await setAlias(of, draft.name, digest, alias);
      return digest;
    },
    onSuccess: async (digest) => {
      toast(`Published ${draft.name}${aliases.map((alias) => `, @${alias}`).join("")}.`);
      await navigate({
        to: "/$team/$project/weave/objects/$name/versions/$digest",
        params: { ...place, name: draft.name, digest },
      });
      await client.invalidateQueries({ queryKey: ["objects", of] });
      await client.invalidateQueries({ queryKey: ["prompts"] });
    },
  });
  return (
    <>
      {before === null && (
        <div className="flex flex-wrap items-end gap-4">
          <div className="w-64 max-w-full">
            <TextField
              label="Name"
              value={draft.name}
              error={
                draft.name === ""
                  ? null
                  : draftProblem({ ...draft, messages: [{ role: "", content: "x" }] }, taken)
              }
              onChange={(event) => setDraft({ ...draft, name: event.target.value })}
            />
          </div>
          <Segmented
            label="Kind"
            value={draft.kind}
            options={[
              { value: "MessagesPrompt", label: "Messages" },
              { value: "StringPrompt", label: "Text" },
            ]}
            onChange={(kind) => setDraft(ofKind(draft, kind))}
          />
        </div>
      )}
      <TextField
        label="Description"
        maxLength={1_000}
        value={draft.description}
        onChange={(event) => setDraft({ ...draft, description: event.target.value })}
      />
      {draft.kind === "StringPrompt" ? (
        <TextArea
          label="Text"
          rows={12}
          className="font-mono"
          value={String(draft.messages[0]?.content ?? "")}
          onChange={(event) =>
            setDraft({ ...draft, messages: [{ role: "user", content: event.target.value }] })
          }
        />
      ) : (
        <MessagesEditor messages={draft.messages} onChange={(messages) => setDraft({ ...draft, messages })} />
      )}
      <p className="flex flex-wrap items-center gap-1.5 text-xs text-muted">
        {variables.length === 0
          ? "Words in braces become variables: {question}."
          : ["Variables:", ...variables.map((name) => <Badge key={name}>{name}</Badge>)]}
      </p>
      {was !== null && is !== null && was !== is && (
        <Section title={`Changes from v${before?.version_index}`}>
          <DiffControls layout={layout} only={only} onLayout={setLayout} onOnly={setOnly} />
          <TextDiff label="Your changes" before={was} after={is} layout={layout} only={only} />
        </Section>
      )}
      <AliasChoice of={of} name={before?.object_id ?? null} chosen={aliases} onChange={setAliases} />
      {publish.error && <ErrorState error={publish.error} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          kind="primary"
          busy={publish.isPending}
          disabled={problem !== null || !hasChanged}
          onClick={() => publish.mutate()}
        >
          {before ? "Publish new version" : "Publish"}
        </Button>
        <span role="status" className="text-xs text-muted">
          {hasChanged ? (draft.name === "" ? "" : problem) : "Nothing changed yet."}
        </span>
      </div>
    </>
  );
}
