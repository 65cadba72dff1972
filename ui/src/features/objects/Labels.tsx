import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { asApiError } from "~/api/errors";
import { addTag, removeAlias, removeTag, setAlias } from "~/api/weave/labels";
import type { ObjectVersion } from "~/api/weave/objects";
import { Button, IconButton } from "~/components/Button";
import { TextField } from "~/components/Field";
import { toast } from "~/components/Toasts";
import { aliasesOf } from "./list";
import { versionsQuery } from "./queries";
import { Side } from "./Side";

/** A version's aliases and tags. An alias that another version has moves here. */
export function Labels({ of, version }: { of: string; version: ObjectVersion }) {
  const { object_id: name, digest } = version;
  const versions = useQuery(versionsQuery(of, name));
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (run: () => Promise<void>) => run(),
    onSettled: () => client.invalidateQueries({ queryKey: ["objects", of] }),
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const ownAliases = aliasesOf(version);
  const elsewhere = (versions.data ?? []).flatMap((one) =>
    one.digest === digest ? [] : aliasesOf(one).map((alias) => ({ alias, version: one.version_index })),
  );
  return (
    <Side title="Aliases and tags">
      <WordList
        what="alias"
        words={ownAliases}
        onRemove={(alias) => change.mutate(() => removeAlias(of, name, alias))}
      />
      {elsewhere.length > 0 && (
        <div className="flex flex-wrap gap-1.5">
          {elsewhere.map(({ alias, version: at }) => (
            <Button
              key={alias}
              small
              busy={change.isPending}
              onClick={() => change.mutate(() => setAlias(of, name, digest, alias))}
            >
              Move @{alias} here (from v{at})
            </Button>
          ))}
        </div>
      )}
      <AddWord
        label="Add an alias"
        placeholder="production"
        hint="One version of an object has it; programs read name:alias."
        busy={change.isPending}
        onAdd={(alias) => change.mutate(() => setAlias(of, name, digest, alias))}
      />
      <WordList
        what="tag"
        words={version.tags ?? []}
        onRemove={(tag) => change.mutate(() => removeTag(of, name, digest, tag))}
      />
      <AddWord
        label="Add a tag"
        placeholder="reviewed"
        busy={change.isPending}
        onAdd={(tag) => change.mutate(() => addTag(of, name, digest, tag))}
      />
    </Side>
  );
}

interface WordListProps {
  what: "alias" | "tag";
  words: string[];
  onRemove: (word: string) => void;
}

function WordList({ what, words, onRemove }: WordListProps) {
  if (words.length === 0) return null;
  return (
    <ul aria-label={what === "alias" ? "Aliases" : "Tags"} className="flex flex-wrap gap-1.5">
      {words.map((word) => (
        <li
          key={word}
          className={`inline-flex items-center rounded-full pl-2.5 text-xs ${
            what === "alias" ? "bg-accent-soft text-accent" : "border border-line bg-panel"
          }`}
        >
          <span className="break-all">
            {what === "alias" && "@"}
            {word}
          </span>
          <IconButton label={`Remove ${what} ${word}`} onClick={() => onRemove(word)}>
            <X aria-hidden className="size-3" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

interface AddWordProps {
  label: string;
  placeholder: string;
  hint?: string;
  busy: boolean;
  onAdd: (word: string) => void;
}

function AddWord({ label, placeholder, hint, busy, onAdd }: AddWordProps) {
  const [word, setWord] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (word.trim() === "") return;
    onAdd(word.trim());
    setWord("");
  };
  return (
    <form onSubmit={submit} className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <TextField
          label={label}
          hideLabel
          placeholder={`${label}: ${placeholder}`}
          hint={hint}
          maxLength={256}
          value={word}
          onChange={(event) => setWord(event.target.value)}
        />
      </div>
      <Button type="submit" busy={busy} disabled={word.trim() === ""}>
        Add<span className="sr-only"> {label.toLowerCase().replace("add ", "")}</span>
      </Button>
    </form>
  );
}
